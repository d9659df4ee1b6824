// How the log's errors look to a module: a status, and what is said in the call's error record.
#pragma once

#include <gantry/call.h>

#include <string_view>

#include "commitlog/errc.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {

inline gantry_status status_of(const ErrorCode& error) {
  using commitlog::Errc;
  if (!error) return GANTRY_OK;
  if (error == make_error_code(Errc::busy)) return GANTRY_BUSY;
  if (error == make_error_code(Errc::gate_closed)) return GANTRY_REFUSED;
  if (error == make_error_code(Errc::not_follower)) return GANTRY_REFUSED;
  if (error == make_error_code(Errc::would_block)) return GANTRY_WOULD_BLOCK;
  if (error == make_error_code(Errc::gone)) return GANTRY_GONE;
  if (error == make_error_code(Errc::cut)) return GANTRY_GONE;
  if (error == make_error_code(Errc::stopped)) return GANTRY_CANCELLED;
  if (error == make_error_code(Errc::invalid) ||
      error == make_error_code(Errc::not_a_record) || error == make_error_code(Errc::bad_crc)) {
    return GANTRY_INVALID;
  }
  return GANTRY_FAULT;
}

inline void say(const gantry_call* call, gantry_status status, int32_t wire_code,
                std::string_view text) {
  tell(call ? call->error : nullptr, status, wire_code, text);
}

}  // namespace gantry::plugin
