#include "fuzz/lua/pattern_properties.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <lua.hpp>
#include <string>

#include "cpp/values.hpp"
#include "lua/state.hpp"

namespace gantry::lua::fuzz {
namespace {

constexpr uint64_t rich = 250'000, poor = 200;  // instructions of a run

// Makes the call in either library; one text tells of all results.
constexpr const char script[] = R"(
local function tell(...)
  local out = {}
  for i = 1, select("#", ...) do
    local text = tostring((select(i, ...)))
    out[i] = type((select(i, ...))) .. #text .. ":" .. text
  end
  return table.concat(out, " ")
end

local calls = {
  [0] = function(text, pattern, number) return tell(string.find(text, pattern, number)) end,
  function(text, pattern, number) return tell(string.find(text, pattern, number, true)) end,
  function(text, pattern, number) return tell(string.match(text, pattern, number)) end,
  function(text, pattern, number)
    local found, next_match = {}, string.gmatch(text, pattern, number)
    local function keep(first, ...)
      if first == nil then return false end
      found[#found + 1] = tell(first, ...)
      return true
    end
    while keep(next_match()) do end
    return table.concat(found, "; ")
  end,
  function(text, pattern, number, replacement)
    return tell(string.gsub(text, pattern, replacement, number))
  end,
  function(text, pattern, number, replacement)
    local calls = 0
    return tell(string.gsub(text, pattern, function(...)
      calls = calls + 1
      if calls % 3 == 0 then return false end
      if calls % 20 == 0 then return {} end
      return tell(...) .. replacement
    end, number))
  end,
  function(text, pattern, number, replacement)
    local values = setmetatable({}, {__index = function(_, key)
      if string.find(replacement, key, 1, true) then return tell(key) end
    end})
    return tell(string.gsub(text, pattern, values, number))
  end,
}

return function(_, kind, ...) return calls[kind](...) end
)";

// Reasons, by what Lua and this library say.
constexpr const char* reasons[][2] = {
    {"malformed pattern (ends with '%')", "malformed pattern (ends with %)"},
    {"malformed pattern (missing ']')", "malformed pattern (a [ without its ])"},
    {"missing '[' after '%f' in pattern", "malformed pattern (a set in [] follows %f)"},
    {"malformed pattern (missing arguments to '%b')", "malformed pattern (two letters follow %b)"},
    {"invalid pattern capture", "invalid pattern (a ) without its ()"},
    {"invalid use of '%' in replacement string", "in the replacement is followed by a digit"},
    {"invalid capture index", "invalid capture index"},
    {"invalid replacement value", "invalid replacement value"},
    {"unfinished capture", "unfinished capture"},
    {"too many captures", "too many captures"},
    {"pattern too complex", "pattern too complex"},
};

struct Came {
  Ended how = Ended::value;
  std::string text;  // the results, or the reason

  bool operator==(const Came&) const = default;
};

Came error(std::string_view said, int library) {
  for (const auto& reason : reasons) {
    if (said.find(reason[library]) != std::string_view::npos) return {Ended::error, reason[0]};
  }
  return {Ended::error, std::string(said)};
}

// This library, with a budget.
class Ours {
 public:
  explicit Ours(uint64_t instructions_max)
      : state_({.instructions_max = instructions_max,
                .memory_bytes_max = 64 << 20,
                .run_us_max = 3'600'000'000}) {
    if (state_.load(script, "script", std::nullopt) != State::Outcome::ok) std::abort();
  }

  Came make(const PatternCall& call) {
    const gantry_value number = call.number ? sdk::i64_value(call.number) : sdk::null_value();
    const gantry_value arguments[] = {sdk::i64_value(call.kind), sdk::str_value(call.text),
                                      sdk::str_value(call.pattern), number,
                                      sdk::str_value(call.replacement)};
    gantry_message message{};
    message.struct_size = sizeof message;
    gantry_value value{};
    switch (state_.compute(message, arguments, value)) {
      case State::Outcome::ok: return {Ended::value, std::string(sdk::view(value.as.s))};
      case State::Outcome::error: return error(state_.fault(), 1);
      default: return {Ended::overrun, {}};
    }
  }

 private:
  State state_;
};

class Theirs {
 public:
  Theirs() : lua_(luaL_newstate()) {
    luaL_openlibs(lua_);
    if (luaL_dostring(lua_, script) != LUA_OK) std::abort();
  }
  Theirs(const Theirs&) = delete;
  Theirs& operator=(const Theirs&) = delete;
  ~Theirs() { lua_close(lua_); }

  Came make(const PatternCall& call) {
    lua_settop(lua_, 1);
    lua_pushvalue(lua_, 1);
    lua_pushnil(lua_);
    lua_pushinteger(lua_, call.kind);
    push(call.text);
    push(call.pattern);
    if (call.number) lua_pushinteger(lua_, call.number);
    else lua_pushnil(lua_);
    push(call.replacement);
    const int status = lua_pcall(lua_, 6, 1, 0);
    size_t size = 0;
    const char* const said = lua_tolstring(lua_, -1, &size);
    if (status != LUA_OK) return error({said, size}, 0);
    return {Ended::value, {said, size}};
  }

 private:
  void push(std::string_view text) { lua_pushlstring(lua_, text.data(), text.size()); }

  lua_State* const lua_;
};

// No matcher needs more steps: each item that may repeat is tried with each length, from each
// place, and each try may read a set or the text to its end.
bool is_affordable(const PatternCall& call) {
  const auto repeats = std::ranges::count_if(
      call.pattern, [](char c) { return c == '*' || c == '+' || c == '-' || c == '?'; });
  const double places = static_cast<double>(call.text.size()) + 1;
  const double items = static_cast<double>(call.pattern.size()) + 1;
  const double tries = std::pow(places, static_cast<double>(repeats) + 1);
  const double steps = tries * items * (items + places);
  const double results = places * (items + static_cast<double>(call.replacement.size()) + 8) * 64;
  return steps / 4 + results < rich;
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    char byte[8];
    const bool is_plain = c >= ' ' && c <= '~' && c != '\\' && c != '"';
    std::snprintf(byte, sizeof byte, is_plain ? "%c" : "\\x%02x", static_cast<unsigned char>(c));
    out += byte;
  }
  return out + "\"";
}

Ended breach(const PatternCall& call, const Came& ours, const Came& wanted) {
  static constexpr const char* ends[] = {"gives", "fails:", "is over its budget", ""};
  const auto tell = [](const Came& came) {
    return std::string(ends[static_cast<int>(came.how)]) + " " + shown(came.text);
  };
  std::fprintf(stderr, "call %d, number %d, pattern %s, replacement %s, text %s\n%s\nbut it %s\n",
               call.kind, call.number, shown(call.pattern).c_str(), shown(call.replacement).c_str(),
               shown(call.text).c_str(), tell(ours).c_str(), tell(wanted).c_str());
  return Ended::otherwise;
}

}  // namespace

PatternCall pattern_call(std::string_view bytes) {
  const auto byte = [&](size_t at) {
    return static_cast<uint8_t>(at < bytes.size() ? bytes[at] - '0' : 0);
  };
  PatternCall call;
  call.kind = static_cast<PatternCall::Kind>(byte(0) % PatternCall::kinds);
  call.number = static_cast<int8_t>(byte(1));
  bytes.remove_prefix(std::min<size_t>(bytes.size(), 2));
  const auto line = [&] {
    const std::string_view out = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), out.size() + 1));
    return out;
  };
  line();  // so that a seed reads well
  call.pattern = line();
  call.replacement = line();
  call.text = bytes;
  return call;
}

struct Patterns::Libraries {
  Ours generous{rich}, frugal{poor};
  Theirs original;
};

Patterns::Patterns() : libraries_(std::make_unique<Libraries>()) {}
Patterns::~Patterns() = default;

Ended Patterns::compare(const PatternCall& call) {
  const Came ours = libraries_->generous.make(call);
  // Less to spend ends a call, or changes nothing.
  const Came soon = libraries_->frugal.make(call);
  if (soon.how != Ended::overrun && soon != ours) return breach(call, soon, ours);
  // What used up such a budget is not asked of Lua's own, which has none.
  if (ours.how == Ended::overrun && !is_affordable(call)) return Ended::overrun;
  const Came theirs = libraries_->original.make(call);
  return ours == theirs ? ours.how : breach(call, ours, theirs);
}

}  // namespace gantry::lua::fuzz
