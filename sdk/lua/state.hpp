// State: one script, loaded into a Lua 5.4 state of its own, in a sandbox: no files, no processes, no
// clock, no code but its own text; what it computes follows from its message and arguments.
//
// A run is one call of the script's function. It has a budget of instructions, which texts, patterns
// and tables are charged to as well, of time, and of memory; a run over budget ends, and the script
// cannot prevent it. Whatever a script does comes to a Fault, never to more.
//
// Owned by whoever made it; used by one thread at a time, not always the same. Texts of a result live
// until the next run.
#pragma once

#include <gantry/message.h>

#include <lua.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lua/memory.hpp"
#include "lua/property_index.hpp"

namespace gantry::lua {

struct Limits {
  uint64_t instructions_max = 100'000;  // of a run; of load() a hundred times as many
  uint64_t memory_bytes_max = 8 << 20;  // of what the state holds
  uint64_t run_us_max = 10'000;         // of a run, on its thread's processor; seen every 64 instructions
};

class State {
 public:
  enum class Outcome : uint8_t { ok, error, overrun };

  // Throws std::bad_alloc if not even an empty state fits.
  explicit State(const Limits& limits);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  // Compiles the text, runs it, and keeps the function it returns, or the `match` of a table it
  // returns, whose `open` is called with the arguments, unless there are none. Once. name: what faults
  // call the text.
  Outcome load(std::string_view text, const std::string& name,
               std::optional<std::string_view> arguments);
  // Calls `close` of the script's table, if it has one.
  Outcome close();

  // Runs the function on a message. What it returns must be a boolean.
  Outcome match(const gantry_message& message, bool& matched);
  // The same with arguments behind the message; what it returns must be one of gantry_value's kinds.
  Outcome compute(const gantry_message& message, std::span<const gantry_value> arguments,
                  gantry_value& value);

  // Of the last run that was not ok: where, and what; no line break in it.
  std::string_view fault() const { return {fault_, fault_size_}; }
  uint64_t instructions() const { return instructions_; }  // of all runs, in steps of 64
  const Memory& memory() const { return memory_; }

  // ── for the functions of the sandbox
  static State& of(lua_State* lua) { return **static_cast<State**>(lua_getextraspace(lua)); }
  // The message of this run; null between runs.
  const gantry_message* message() const { return message_; }
  PropertyIndex& properties() { return properties_; }  // of that message
  // So much work is ahead of a function that is not written in Lua. May not return.
  void charge(lua_State* lua, uint64_t instructions) {
    if (instructions > left()) [[unlikely]] exhaust(lua);
    spent_ += instructions;
  }
  uint64_t left() const { return spent_max_ - spent_; }
  // Of a protected call of the script's own: is it an error that no script may catch?
  bool is_final(lua_State* lua, int status);

 private:
  static constexpr int step = 64;  // instructions from look to look
  static void look(lua_State* lua, lua_Debug*);
  static int describe(lua_State* lua);
  static void refusing(void* state);
  [[noreturn]] void exhaust(lua_State* lua);
  [[noreturn]] void stop(lua_State* lua, const char* why);
  bool too_late();

  void begin(uint64_t factor);
  // Calls what lies at function_at with the message, if there is one, and the arguments; leaves one
  // result at the top, or none and a fault.
  Outcome run(int function_at, const gantry_message* message,
              std::span<const gantry_value> arguments, uint64_t factor);
  Outcome failed(int status);
  Outcome fail(std::string_view text);
  Outcome wrong_result(const char* wanted);
  Outcome keep_result(std::optional<std::string_view> arguments);

  const Limits limits_;
  Memory memory_;
  lua_State* lua_ = nullptr;
  const gantry_message* message_ = nullptr;
  PropertyIndex properties_;
  uint64_t spent_ = 0;  // of this run
  uint64_t spent_max_ = 0;
  uint64_t instructions_ = 0;
  uint64_t run_ns_max_ = 0;
  uint64_t began_ns_ = 0;  // steady clock; 0: not looked at yet
  uint64_t used_ns_ = 0;   // of the thread's processor; 0: not looked at yet
  bool over_ = false;      // this run is over budget
  bool no_memory_ = false;  // it failed for want of memory
  int refused_line_ = 0;    // where memory was refused last in this run; 0: nowhere known
  std::string name_;
  size_t fault_size_ = 0;
  char fault_[232];
};

}  // namespace gantry::lua
