// Subscription: what of a topic a group wants. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/body_clients.hpp"

namespace gantry::client {

// "*" or "" is everything, "a || b" are tags (client: FilterAPI). `type` "SQL92": an expression over
// properties, which the broker reads.
Outcome<protocol::SubscriptionData> subscription_of(std::string_view topic,
                                                    std::string_view expression,
                                                    std::string_view type, int64_t version);

protocol::SubscriptionData everything_of(std::string_view topic, int64_t version);

// Brokers compare hashes of tags only: two tags may have the same, so clients look again.
bool wants(const protocol::SubscriptionData& subscription, std::string_view tag);

}  // namespace gantry::client
