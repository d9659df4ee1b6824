// Whether brokers take an expression, asked before a consumer reads by it (46, CHECK_CLIENT_CONFIG), as
// Java's clients do: a wrong one would be pulled by in vain. On the Core's thread.
#pragma once

#include <string>

#include "client/core.hpp"
#include "protocol/body_clients.hpp"

namespace gantry::client {

// Asks one broker of the topic. Tags, a topic without queues and brokers that don't know the question
// are no failure.
awaitable<Outcome<void>> check_expression(Core& core, std::string group,
                                          protocol::SubscriptionData subscription);

}  // namespace gantry::client
