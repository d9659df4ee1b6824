// Whether members of a group subscribe alike. They must: a broker keeps one table for the group, so
// what one member wants hides what another does. Pure functions; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "protocol/body_clients.hpp"

namespace gantry::protocol {

struct MemberSubscriptions {
  std::string client;
  std::map<std::string, std::string> topics;  // topic -> what is wanted of it, in one spelling
  friend bool operator==(const MemberSubscriptions&, const MemberSubscriptions&) = default;
};

// Without the group's own retries: they are no choice of the application. Push consumers subscribe
// to them, pull consumers don't.
MemberSubscriptions member_subscriptions(std::string_view client, std::string_view group,
                                         std::span<const SubscriptionData> subscriptions);

// How two members differ, as a sentence for people; empty if they don't. A member without any
// subscription, of a heartbeat that told none or with queues assigned to it, differs from nobody.
std::string difference(const MemberSubscriptions& one, const MemberSubscriptions& other);

}  // namespace gantry::protocol
