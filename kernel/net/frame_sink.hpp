// FrameSink: who serves the requests that arrive. Implemented by dispatch (and by tests), outlives
// the network. Every call for a session is made on that session's shard, never inside another call
// for it: on_opened, on_request any number of times, on_closed once.
#pragma once

#include "base/buffer.hpp"
#include "net/session.hpp"
#include "wire/header.hpp"

namespace gantry::net {

// A decoded request. Everything is borrowed until on_request returns.
struct InFrame {
  const wire::Header& header;
  wire::Serialize serialize;  // answers mirror it
  Bytes body;
  Bytes frame;      // the whole frame as received, length word included
  Buffer* holding;  // what `frame` lives in, and may be retained; null: the shared read buffer,
                    // which the next read overwrites, so whatever is kept must be copied
};

// Frames of at least this size that did not arrive in one read live in a buffer of their own.
inline constexpr uint64_t own_buffer_bytes_min = 16 * 1024;

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_opened(Session& session) = 0;
  virtual void on_request(Session& session, const InFrame& frame) = 0;
  virtual void on_closed(SessionId session, uint32_t shard) = 0;
};

}  // namespace gantry::net
