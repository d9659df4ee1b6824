// What string's functions with patterns promise for any of them: what Lua's own library says. Run
// by the fuzz target and, over random calls, by plugin-tests/filter_lua.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace gantry::lua::fuzz {

// One call; the texts are borrowed.
struct PatternCall {
  enum Kind : uint8_t { find, find_plain, match, gmatch, gsub_text, gsub_function, gsub_table };
  static constexpr int kinds = 7;

  Kind kind = find;
  int8_t number = 0;  // where it begins, or how many gsub replaces; 0: not said
  std::string_view pattern;
  std::string_view replacement;
  std::string_view text;
};

// The bytes as a call.
PatternCall pattern_call(std::string_view bytes);

enum class Ended : uint8_t {
  value,      // in both, with the same
  error,      // in both, for the same reason
  overrun,    // ours used up its budget, and may have needed it
  otherwise,  // a broken promise, which was printed
};

// Both libraries. Used by one thread.
class Patterns {
 public:
  Patterns();
  ~Patterns();
  Ended compare(const PatternCall& call);

 private:
  struct Libraries;
  std::unique_ptr<Libraries> libraries_;
};

}  // namespace gantry::lua::fuzz
