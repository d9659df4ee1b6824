#include "pull_check.hpp"

#include "protocol/codes.hpp"
#include "protocol/host.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr std::string_view faq =
    "\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.";

std::string with_faq(std::string text) {
  return text.append(faq);
}

std::string peer_text(const gantry_request& request) {
  const auto host = protocol::host_from_bytes({request.peer.data, request.peer.size});
  return host ? "/" + host->text() : "this node";
}

bool is_own(const protocol::PullMessageHeader& header) {
  return (header.sys_flag & protocol::pull_flag::subscription) != 0;
}

std::optional<PullRefusal> check_own_expression(const protocol::PullMessageHeader& header,
                                                int64_t expression_bytes_max, Expression& wanted) {
  wanted = expression(header.expression_type, header.subscription);
  if (static_cast<int64_t>(wanted.text.size()) > expression_bytes_max) {
    return PullRefusal{code::subscription_parse_failed,
                       parse_failed("subscription: " + std::to_string(wanted.text.size()) +
                                    " bytes are more than expression_bytes_max, " +
                                    std::to_string(expression_bytes_max))};
  }
  if (wanted.text.empty() && !is_everything(wanted)) {
    return PullRefusal{code::subscription_parse_failed,
                       parse_failed("subscription: an expression of " + std::string(wanted.type) +
                                    " is expected")};
  }
  return std::nullopt;
}

std::optional<PullRefusal> check_heartbeats(const PullPlace& place, Expression& wanted) {
  if (!place.subscriptions) {
    return PullRefusal{code::subscription_not_exist,
                       with_faq("the consumer's group info not exist")};
  }
  if (!place.group.consume_broadcast_enabled && place.subscriptions->broadcasting) {
    return PullRefusal{
        code::no_permission,
        "the consumer group[" + place.group.name + "] can not consume by broadcast way",
        Forbidden::broadcast};
  }
  const auto found = place.subscriptions->topics.find(place.header.topic);
  if (found == place.subscriptions->topics.end()) {
    return PullRefusal{code::subscription_not_exist,
                       with_faq("the consumer's subscription not exist")};
  }
  const Subscription& subscription = found->second;
  if (subscription.version < place.header.subscription_version) {
    return PullRefusal{code::subscription_not_latest, "the consumer's subscription not latest"};
  }
  wanted = subscription.class_filter
               ? expression({}, {})
               : expression(subscription.expression_type, subscription.expression);
  return std::nullopt;
}

}  // namespace

std::string parse_failed(std::string_view text) {
  return "parse the consumer's subscription failed: " + std::string(text);
}

PullRefusal unknown_pull_group(std::string_view group) {
  return {code::subscription_group_not_exist,
          with_faq("subscription group [" + std::string(group) + "] does not exist, ")};
}

std::optional<PullRefusal> check_pull(const PullPlace& place, const gantry_request& request,
                                      int64_t expression_bytes_max, Expression& wanted) {
  const auto& [header, group, topic, subscriptions] = place;
  if (!group.consume_enabled) {
    return PullRefusal{code::no_permission, "subscription group no permission, " + group.name,
                       Forbidden::group};
  }
  if (!topic) {
    return PullRefusal{code::topic_not_exist, with_faq("topic[" + std::string(header.topic) +
                                                       "] not exist, apply first please! ")};
  }
  if (!protocol::perm::is_readable(topic->perm)) {
    return PullRefusal{code::no_permission,
                       "the topic[" + topic->name + "] pulling message is forbidden",
                       Forbidden::topic};
  }
  if (header.queue_id < 0 || header.queue_id >= topic->read_queues) {
    return PullRefusal{code::invalid_parameter, "queueId[" + std::to_string(header.queue_id) +
                                                    "] is illegal, topic:[" + topic->name +
                                                    "] topicConfig.readQueueNums:[" +
                                                    std::to_string(topic->read_queues) +
                                                    "] consumer:[" + peer_text(request) + "]"};
  }
  return is_own(header) ? check_own_expression(header, expression_bytes_max, wanted)
                        : check_heartbeats(place, wanted);
}

}  // namespace gantry::messaging
