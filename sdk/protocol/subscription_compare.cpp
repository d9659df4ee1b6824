#include "protocol/subscription_compare.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/names.hpp"

namespace gantry::protocol {
namespace {

// Two spellings of the same tags are no difference.
std::string one_spelling(const SubscriptionData& subscription) {
  const bool by_tags = subscription.expression_type == "TAG" && !subscription.tags.empty();
  if (!by_tags) return subscription.expression_type + " " + subscription.expression;
  std::string out = "TAG ";
  const char* between = "";
  for (const std::string& tag : std::set(subscription.tags.begin(), subscription.tags.end())) {
    out.append(std::exchange(between, " || ")).append(tag);
  }
  return out;
}

std::string sentence(const MemberSubscriptions& member, const std::string& topic) {
  const auto at = member.topics.find(topic);
  if (at == member.topics.end()) {
    return "client " + member.client + " does not subscribe to " + topic;
  }
  return "client " + member.client + " subscribes to " + topic + " with " + at->second;
}

}  // namespace

MemberSubscriptions member_subscriptions(std::string_view client, std::string_view group,
                                         std::span<const SubscriptionData> subscriptions) {
  MemberSubscriptions member{std::string(client), {}};
  const std::string retries = retry_topic(group);
  for (const SubscriptionData& one : subscriptions) {
    if (one.topic != retries) member.topics.emplace(one.topic, one_spelling(one));
  }
  return member;
}

std::string difference(const MemberSubscriptions& one, const MemberSubscriptions& other) {
  if (one.topics.empty() || other.topics.empty() || one.topics == other.topics) return {};
  // The first topic that the one or the other wants differently.
  const auto [a, b] =
      std::mismatch(one.topics.begin(), one.topics.end(), other.topics.begin(), other.topics.end());
  const bool by_one = a != one.topics.end() && (b == other.topics.end() || a->first <= b->first);
  const std::string& topic = by_one ? a->first : b->first;
  return sentence(one, topic) + ", " + sentence(other, topic);
}

}  // namespace gantry::protocol
