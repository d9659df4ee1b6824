// What a pull must satisfy before its queue is looked at, in RocketMQ's order
// (PullMessageProcessor). Reads the catalog's snapshot and the heartbeats; on the request's shard.
#pragma once

#include <gantry/host/requests.h>

#include <cstdint>
#include <optional>
#include <string>

#include "catalog.hpp"
#include "client_table.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::messaging {

// forbiddenType of an answer 16.
enum class Forbidden : int32_t { none = 0, broker = 1, group = 2, topic = 3, broadcast = 4 };

struct PullRefusal {
  int32_t code = 0;
  std::string remark;
  Forbidden forbidden = Forbidden::none;
};

PullRefusal unknown_pull_group(std::string_view group);

// The group is known; everything else is checked here.
std::optional<PullRefusal> check_pull(const protocol::PullMessageHeader& header, const Group& group,
                                      const Topic* topic, const ClientTable& clients,
                                      const gantry_request& request);

}  // namespace gantry::messaging
