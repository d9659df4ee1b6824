// Locks: codes 41 and 42, by which a client that consumes in order makes queues its own for a
// minute. Owned by the Broker; handlers run on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include "lock_table.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Locks {
 public:
  Locks(const Services& services, LockTable& table) : services_(services), table_(table) {}

  gantry_status lock(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status unlock(const gantry_call& call, const gantry_request& request, gantry_token token);

 private:
  const Services& services_;
  LockTable& table_;
};

}  // namespace gantry::messaging
