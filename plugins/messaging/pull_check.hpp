// What a pull must satisfy before its queue is looked at, in RocketMQ's order
// (PullMessageProcessor), and what it wants of the queue: by its own expression, or by its group's
// heartbeats. Pure; on the request's shard.
#pragma once

#include <gantry/host/requests.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catalog.hpp"
#include "client_table.hpp"
#include "filters.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::messaging {

// forbiddenType of an answer 16.
enum class Forbidden : int32_t { none = 0, broker = 1, group = 2, topic = 3, broadcast = 4 };

struct PullRefusal {
  int32_t code = 0;
  std::string remark;
  Forbidden forbidden = Forbidden::none;
};

// Of group and topic, what the catalog knows; null: nothing.
struct PullPlace {
  const protocol::PullMessageHeader& header;
  const Group& group;
  const Topic* topic;
  const GroupSubscriptions* subscriptions;
};

PullRefusal unknown_pull_group(std::string_view group);

// Fills `wanted`, which borrows from the place.
std::optional<PullRefusal> check_pull(const PullPlace& place, const gantry_request& request,
                                      int64_t expression_bytes_max, Expression& wanted);

// The remark of an expression that is wrong (code 23).
std::string parse_failed(std::string_view text);

}  // namespace gantry::messaging
