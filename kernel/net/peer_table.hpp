// PeerTable: other nodes, reached by address, as seen from any thread. Owned by Network; an
// interface, so that its users are tested with a fake. A connection is made when it is first needed,
// and again when it was lost; all that goes to one address shares it and leaves in the order asked.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/session_table.hpp"

namespace gantry::net {

struct PeerOptions {
  uint64_t frame_bytes_max = 16 * 1024 * 1024;       // length word included
  uint64_t idle_ms = 120'000;                        // then closed, until it is needed again
  uint64_t write_queue_bytes_max = 8 * 1024 * 1024;  // more waiting for one address is refused
  uint64_t connect_timeout_ms = 3'000;               // to find the name and connect
  // After a failure nothing is tried for so long; doubled by each failure in a row.
  uint64_t reconnect_ms_min = 100;
  uint64_t reconnect_ms_max = 10'000;
  uint32_t addresses_max = 1'024;  // a shard
};

class PeerTable {
 public:
  virtual ~PeerTable() = default;

  // All [any]. `address` is "host:port" or "[ip6]:port"; false, and nothing else happens, if it is
  // neither. The frame's body is taken over; the header is sent as JSON under an opaque of the
  // node's own.

  // `then` is called exactly once, on a shard, never inside this call: `gone` tells in `reason` why
  // there was no connection, or that it was lost; `timed_out` after timeout_ms on a connection.
  virtual bool request(std::string_view address, const wire::Header& request,
                       std::vector<Slice> body, uint64_t timeout_ms, PushCompletion then) = 0;
  // One way: nothing comes back, also not that it was lost.
  virtual bool notify(std::string_view address, const wire::Header& request,
                      std::vector<Slice> body) = 0;
};

}  // namespace gantry::net
