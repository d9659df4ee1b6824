#include "lua/state.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <new>

#include "cpp/values.hpp"
#include "lua/message_view.hpp"
#include "lua/sandbox.hpp"

// Lua's errors are jumps: a function they pass through keeps nothing that needs a destructor, and
// whatever may fail is called by lua_pcall.
namespace gantry::lua {
namespace {

// What lies on a state's stack between runs; the last run's result may lie above.
enum At : int { describe_at = 1, match_at, view_at, open_at, close_at, base = close_at };

constexpr uint64_t load_factor = 100;
constexpr uint64_t bytes_per_instruction = 64;

uint64_t now_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// The line of the script that runs; 0: none does.
int line_of(lua_State* lua) {
  lua_Debug at;
  for (int level = 0; level < 16 && lua_getstack(lua, level, &at) != 0; ++level) {
    if (lua_getinfo(lua, "l", &at) != 0 && at.currentline > 0) return at.currentline;
  }
  return 0;
}

// "vip.lua:3: why", or without a line if it is 0; cut to the room there is.
template <size_t N>
size_t say(char (&out)[N], const std::string& name, int line, const char* why) {
  const int size = line == 0
                       ? std::snprintf(out, N, "%s: %s", name.c_str(), why)
                       : std::snprintf(out, N, "%s:%d: %s", name.c_str(), line, why);
  return std::min(static_cast<size_t>(size), N - 1);
}

int furnish(lua_State* lua) {
  open_sandbox(lua);
  push_message_view(lua);
  return 1;
}

// A table's match, open and close; a function is its own match.
int take_apart(lua_State* lua) {
  if (lua_isfunction(lua, 1)) {
    lua_settop(lua, 1);
    lua_settop(lua, 3);
    return 3;
  }
  for (const char* const part : {"match", "open", "close"}) {
    lua_pushstring(lua, part);
    const int kind = lua_rawget(lua, 1);
    if (kind == LUA_TFUNCTION || (kind == LUA_TNIL && part[0] != 'm')) continue;
    return luaL_error(lua, "%s of the table it returns is %s, not a function", part,
                      lua_typename(lua, kind));
  }
  return 3;
}

void push(lua_State* lua, const gantry_value& value) {
  switch (value.kind) {
    case GANTRY_BOOL: return lua_pushboolean(lua, value.as.i != 0);
    case GANTRY_I64: return lua_pushinteger(lua, value.as.i);
    case GANTRY_F64: return lua_pushnumber(lua, value.as.f);
    case GANTRY_STR: lua_pushlstring(lua, value.as.s.data, value.as.s.size); return;
    default: return lua_pushnil(lua);
  }
}

// function, [message], arguments as a span: calls the function.
int enter(lua_State* lua) {
  const int last = lua_gettop(lua);
  const auto& values = *static_cast<std::span<const gantry_value>*>(lua_touserdata(lua, last));
  lua_settop(lua, last - 1);
  luaL_checkstack(lua, static_cast<int>(values.size()) + 1, "too many arguments");
  for (const gantry_value& value : values) push(lua, value);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

bool take(lua_State* lua, int at, gantry_value& value) {
  value = sdk::null_value();
  switch (lua_type(lua, at)) {
    case LUA_TNIL: return true;
    case LUA_TBOOLEAN: value = sdk::bool_value(lua_toboolean(lua, at) != 0); return true;
    case LUA_TSTRING: {
      size_t size = 0;
      const char* const text = lua_tolstring(lua, at, &size);
      value = sdk::str_value({text, size});
      return true;
    }
    case LUA_TNUMBER:
      if (lua_isinteger(lua, at)) value = sdk::i64_value(lua_tointeger(lua, at));
      else value = {GANTRY_F64, 0, {.f = lua_tonumber(lua, at)}};
      return true;
    default: return false;
  }
}

}  // namespace

State::State(const Limits& limits)
    : limits_(limits), memory_(limits.memory_bytes_max, &State::refusing, this) {
  lua_ = lua_newstate(&Memory::allocate, &memory_);
  if (!lua_) throw std::bad_alloc();
  *static_cast<State**>(lua_getextraspace(lua_)) = this;
  lua_pushcfunction(lua_, &State::describe);
  lua_pushnil(lua_);
  lua_pushcfunction(lua_, furnish);
  if (lua_pcall(lua_, 0, 1, 0) != LUA_OK) {
    lua_close(lua_);
    throw std::bad_alloc();
  }
  lua_settop(lua_, base);
  lua_sethook(lua_, &State::look, LUA_MASKCOUNT, step);
}

State::~State() { lua_close(lua_); }

// ---------------------------------------------------------------- budget
void State::begin(uint64_t factor) {
  if (over_) lua_sethook(lua_, &State::look, LUA_MASKCOUNT, step);
  over_ = no_memory_ = false;
  refused_line_ = 0;
  spent_ = 0;
  spent_max_ = limits_.instructions_max * factor;
  run_ns_max_ = limits_.run_us_max * 1000 * factor;
  began_ns_ = used_ns_ = 0;
  memory_.begin(spent_max_ * bytes_per_instruction);
}

void State::look(lua_State* lua, lua_Debug*) {
  State& state = of(lua);
  if (state.over_) state.stop(lua, nullptr);
  state.instructions_ += step;
  state.charge(lua, step);
  if (state.too_late()) state.stop(lua, "it ran for too long");
}

// The clock first; it may have gone on while the thread did not.
bool State::too_late() {
  const uint64_t now = now_ns(CLOCK_MONOTONIC);
  if (began_ns_ == 0) began_ns_ = now;
  if (now - began_ns_ <= run_ns_max_) return false;
  const uint64_t used = now_ns(CLOCK_THREAD_CPUTIME_ID);
  if (used_ns_ == 0) used_ns_ = used;
  return used - used_ns_ > run_ns_max_;
}

void State::exhaust(lua_State* lua) {
  char why[64];
  std::snprintf(why, sizeof why, "over its budget of %llu instructions",
                static_cast<unsigned long long>(spent_max_));
  stop(lua, why);
}

// From now on every instruction ends in an error, whatever of the script still runs.
void State::stop(lua_State* lua, const char* why) {
  spent_ = spent_max_;
  if (why && !over_) fault_size_ = say(fault_, name_, line_of(lua), why);
  over_ = true;
  lua_sethook(lua, &State::look, LUA_MASKCOUNT, 1);
  lua_pushnil(lua);
  lua_error(lua);
  std::abort();  // lua_error does not return
}

void State::refusing(void* self) {
  auto& state = *static_cast<State*>(self);
  if (state.lua_) state.refused_line_ = line_of(state.lua_);
}

bool State::is_final(lua_State* lua, int status) {
  constexpr std::string_view text = "not enough memory";  // Lua's own, when a buffer cannot grow
  size_t size = 0;
  const char* said = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &size) : "";
  no_memory_ |= status == LUA_ERRMEM || (memory_.refused() && std::string_view(said, size) == text);
  return over_ || no_memory_;
}

// ---------------------------------------------------------------- faults
// Says where, if the error does not; on the stack of the error, so without a byte of Lua's memory.
int State::describe(lua_State* lua) {
  State& state = of(lua);
  if (state.over_ || state.is_final(lua, LUA_ERRRUN)) return 1;
  const char* said = lua_type(lua, 1) == LUA_TSTRING ? lua_tostring(lua, 1) : nullptr;
  char kind[64];
  if (!said) {
    std::snprintf(kind, sizeof kind, "an error that is no text but a %s", luaL_typename(lua, 1));
    said = kind;
  }
  const std::string& name = state.name_;
  const bool placed = std::strncmp(said, name.c_str(), name.size()) == 0 && said[name.size()] == ':';
  char text[sizeof fault_];
  if (!placed) say(text, name, line_of(lua), said);
  state.fail(placed ? said : text);
  return 1;
}

State::Outcome State::fail(std::string_view text) {
  fault_size_ = std::min(text.size(), sizeof fault_ - 1);
  std::transform(text.begin(), text.begin() + static_cast<ptrdiff_t>(fault_size_), fault_,
                 [](unsigned char c) { return c < ' ' ? ' ' : static_cast<char>(c); });
  return Outcome::error;
}

State::Outcome State::failed(int status) {
  if (over_) return Outcome::overrun;
  if (is_final(lua_, status)) {
    char text[sizeof fault_];
    const char* const what = memory_.took_too_much()
                                 ? "texts and tables used up its budget of instructions"
                                 : "over its limit of memory";
    say(text, name_, refused_line_, what);
    fail(text);
    return Outcome::overrun;
  }
  if (status == LUA_ERRERR) return fail(name_ + ": an error in the handling of an error");
  return Outcome::error;  // describe() has said it
}

State::Outcome State::wrong_result(const char* wanted) {
  char text[sizeof fault_];
  std::snprintf(text, sizeof text, "%s: the function returned %s, not %s", name_.c_str(),
                lua_type(lua_, -1) == LUA_TNIL ? "nil" : luaL_typename(lua_, -1), wanted);
  return fail(text);
}

// ---------------------------------------------------------------- runs
State::Outcome State::run(int function_at, const gantry_message* message,
                          std::span<const gantry_value> arguments, uint64_t factor) {
  begin(factor);
  lua_settop(lua_, base);
  if (!arguments.empty()) lua_pushcfunction(lua_, enter);
  lua_pushvalue(lua_, function_at);
  if (message) lua_pushvalue(lua_, view_at);
  if (!arguments.empty()) lua_pushlightuserdata(lua_, &arguments);
  message_ = message;
  properties_.forget();
  const int status = lua_pcall(lua_, lua_gettop(lua_) - base - 1, 1, describe_at);
  message_ = nullptr;
  if (status == LUA_OK && !over_) return Outcome::ok;
  const Outcome outcome = failed(status);
  lua_settop(lua_, base);
  return outcome;
}

State::Outcome State::load(std::string_view text, const std::string& name,
                           std::optional<std::string_view> arguments) {
  name_ = name;
  begin(load_factor);
  lua_settop(lua_, base);
  const std::string chunk = "=" + name;
  const int status = luaL_loadbufferx(lua_, text.data(), text.size(), chunk.c_str(), "t");
  if (status != LUA_OK) {
    const char* const said = lua_tostring(lua_, -1);
    return status == LUA_ERRMEM ? failed(status) : fail(said ? said : name);
  }
  lua_replace(lua_, match_at);
  if (const Outcome outcome = run(match_at, nullptr, {}, load_factor); outcome != Outcome::ok) {
    return outcome;
  }
  return keep_result(arguments);
}

State::Outcome State::keep_result(std::optional<std::string_view> arguments) {
  const int kind = lua_type(lua_, -1);
  if (kind != LUA_TFUNCTION && kind != LUA_TTABLE) return wrong_result("a function or a table");
  lua_pushcfunction(lua_, take_apart);
  lua_insert(lua_, -2);
  if (const int status = lua_pcall(lua_, 1, 3, describe_at); status != LUA_OK) {
    return failed(status);
  }
  lua_replace(lua_, close_at);
  lua_replace(lua_, open_at);
  lua_replace(lua_, match_at);
  if (!arguments || lua_isnil(lua_, open_at)) return Outcome::ok;
  const gantry_value values[] = {sdk::str_value(*arguments)};
  return run(open_at, nullptr, values, load_factor);
}

State::Outcome State::close() {
  if (!lua_isfunction(lua_, close_at)) return Outcome::ok;
  return run(close_at, nullptr, {}, load_factor);
}

State::Outcome State::match(const gantry_message& message, bool& matched) {
  if (const Outcome outcome = run(match_at, &message, {}, 1); outcome != Outcome::ok) return outcome;
  if (!lua_isboolean(lua_, -1)) return wrong_result("a boolean");
  matched = lua_toboolean(lua_, -1) != 0;
  return Outcome::ok;
}

State::Outcome State::compute(const gantry_message& message,
                              std::span<const gantry_value> arguments, gantry_value& value) {
  if (const Outcome outcome = run(match_at, &message, arguments, 1); outcome != Outcome::ok) {
    return outcome;
  }
  if (take(lua_, -1, value)) return Outcome::ok;
  return wrong_result("nil, a boolean, a number or a text");
}

}  // namespace gantry::lua
