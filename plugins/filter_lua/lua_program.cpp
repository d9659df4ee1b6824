#include "lua_program.hpp"

#include <cstring>

#include "cpp/barrier.hpp"

namespace gantry::filter_lua {

void LuaProgram::match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts) {
  const auto* first = reinterpret_cast<const char*>(batch.first);
  for (uint32_t i = 0; i < batch.count; ++i) {
    const auto& message =
        *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride);
    bool matched = false;
    Script::Fault fault;
    if (script_->match(call, message, matched, fault)) {
      verdicts[i] = matched ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
    } else if (on_error_ == OnError::deliver) {
      verdicts[i] = GANTRY_VERDICT_DELIVER;
    } else if (on_error_ == OnError::skip) {
      script_->skipped(call);
      verdicts[i] = GANTRY_VERDICT_SKIP;
    } else {
      sdk::set_error(call.error, GANTRY_FAULT, fault.text.data());
      std::memset(verdicts + i, GANTRY_VERDICT_ERROR, batch.count - i);  // no further
      return;
    }
  }
}

// A refusal, not a fault of this module: a script that fails does not turn others away.
gantry_status LuaCall::invoke(const gantry_call& call, const gantry_message& message,
                              std::span<const gantry_value> arguments, gantry_value& value) {
  Script::Fault fault;
  if (script_->compute(call, message, arguments.subspan(1), value, fault)) return GANTRY_OK;
  return sdk::set_error(call.error, GANTRY_REFUSED, fault.text.data());
}

}  // namespace gantry::filter_lua
