// What a subscription of type LUA says. Pure; any thread.
//
//   vip                            the script vip.lua
//   vip on_error=skip              and what becomes of a message it fails on
//   vip on_error=skip eu,us        and arguments for its open(), up to the end of the line
//   return function(m) ... end     a text of Lua, where the operator permits that: it begins with one
//                                  of Lua's words or with --
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::filter_lua {

// What becomes of a message that a script fails on: it is delivered, passed over, or the reader stops
// there and is told why.
enum class OnError : uint8_t { deliver, skip, stop };

std::optional<OnError> on_error_of(std::string_view word);

// Letters, digits, _ - and dots inside; none of Lua's words.
bool is_script_name(std::string_view name);

struct Expression {
  std::string script;  // empty: it is a source
  std::string arguments;
  std::string source;
  std::optional<OnError> on_error;
};

// Nothing: out is filled. Else what is wrong, which is at the first letter of the text.
std::optional<std::string> parse(std::string_view text, Expression& out);

}  // namespace gantry::filter_lua
