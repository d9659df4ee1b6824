// Queue: one queue of a topic and the broker that has it. A value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/body_route.hpp"

namespace gantry::client {

struct Queue {
  std::string broker;   // its name
  std::string address;  // of its master
  int32_t id = 0;
  auto operator<=>(const Queue&) const = default;
};

// The queues one may send to, or read from, in the order of broker and number. An order topic
// (orderTopicConf) has exactly the writable queues it names.
std::vector<Queue> writable_queues(const protocol::TopicRouteData& route);
std::vector<Queue> readable_queues(const protocol::TopicRouteData& route);

}  // namespace gantry::client
