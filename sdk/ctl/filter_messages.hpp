// Messages of a topic for a filter to judge, read from every queue. Values of the one thread of
// gantryctl.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/admin.hpp"
#include "trial/records.hpp"

namespace gantry::ctl {

struct MessagesWanted {
  std::string topic;
  std::string group;        // only what it has still before it, the oldest first; empty: all
  uint32_t count = 10'000;  // of all queues together, shared out evenly
  bool from_last = false;   // the newest, of a group's, too
};

struct StoredMessages {
  sdk::trial::Records records;
  std::vector<client::Queue> queues;
  std::vector<uint32_t> queue_of;  // of each record, into queues

  Outcome<client::Received> message(size_t i) const {
    return client::received_of(records.record(i), queues[queue_of[i]]);
  }
};

Outcome<StoredMessages> read_messages(client::Cluster& cluster, const MessagesWanted& wanted);

}  // namespace gantry::ctl
