// Errc: the states the log can answer with instead of a result. One category, "commitlog".
#pragma once

#include "base/result.hpp"

namespace gantry::commitlog {

enum class Errc {
  busy = 1,      // no prepared space: answer "try again", never wait
  gate_closed,   // a gate is closed; PutResult has its wire code and reason
  invalid,       // over a limit or malformed; PutResult::reason names field and value
  no_numbers,    // no number source is bound, or it cannot tell the queue's end yet
  would_block,   // the bytes are not resident and the caller may not block
  gone,          // outside the log or beyond VISIBLE
  not_a_record,  // the bytes do not parse as a record
  bad_crc,       // the record's body does not match its checksum
  store_failed,  // a write or flush failed: the log takes nothing until it is opened again
  stopped,       // the log stopped before the wait was satisfied
  not_follower,  // raw bytes for a log that numbers its own records, or a cut of it
  cut,           // what was waited for is no longer in the log
};

ErrorCode make_error_code(Errc errc) noexcept;

}  // namespace gantry::commitlog

template <>
struct boost::system::is_error_code_enum<gantry::commitlog::Errc> : std::true_type {};
