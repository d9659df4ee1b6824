// Allocation: which of a topic's queues are one member's. Pure functions; any thread. Every member
// computes it from the same sorted lists, so nobody has to agree on anything.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/body_route.hpp"

namespace gantry::client {

using protocol::MessageQueue;

// `queues` and `members` are sorted; who isn't a member gets nothing. (client:
// AllocateMessageQueueAveragely, AllocateMessageQueueAveragelyByCircle)

// Runs of neighbours; the first members get one more when it doesn't come out even.
std::vector<MessageQueue> allocate_average(std::span<const MessageQueue> queues,
                                           std::span<const std::string> members,
                                           const std::string& member);
// Dealt out one by one.
std::vector<MessageQueue> allocate_by_circle(std::span<const MessageQueue> queues,
                                             std::span<const std::string> members,
                                             const std::string& member);

}  // namespace gantry::client
