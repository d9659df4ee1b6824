// LuaProgram: a subscription's or a binding's expression; LuaCall: one lua(...) of another language's
// expression. Both use a Script, and give it back to the library, which ends it on a worker.
#pragma once

#include <gantry/cap/filter.h>
#include <gantry/cap/function.h>

#include <memory>
#include <span>

#include "expression.hpp"
#include "library.hpp"

namespace gantry::filter_lua {

class ScriptUse {
 public:
  ScriptUse(Library& library, std::shared_ptr<Script> script)
      : library_(library), script_(std::move(script)) {}
  ScriptUse(const ScriptUse&) = delete;
  ScriptUse& operator=(const ScriptUse&) = delete;
  ~ScriptUse() { library_.give_back(std::move(script_)); }
  Script* operator->() const { return script_.get(); }

 private:
  Library& library_;
  std::shared_ptr<Script> script_;
};

class LuaProgram {
 public:
  LuaProgram(Library& library, std::shared_ptr<Script> script, OnError on_error)
      : script_(library, std::move(script)), on_error_(on_error) {}

  void match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts);

 private:
  ScriptUse script_;
  const OnError on_error_;
};

class LuaCall {
 public:
  LuaCall(Library& library, std::shared_ptr<Script> script)
      : script_(library, std::move(script)) {}

  gantry_status invoke(const gantry_call& call, const gantry_message& message,
                       std::span<const gantry_value> arguments, gantry_value& value);

 private:
  ScriptUse script_;
};

}  // namespace gantry::filter_lua
