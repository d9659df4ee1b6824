#include "pull_check.hpp"

#include "protocol/codes.hpp"
#include "protocol/host.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr std::string_view faq =
    "\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.";
constexpr std::string_view tag = "TAG";

std::string with_faq(std::string text) {
  return text.append(faq);
}

std::string peer_text(const gantry_request& request) {
  const auto host = protocol::host_from_bytes({request.peer.data, request.peer.size});
  return host ? "/" + host->text() : "this node";
}

bool is_tag(std::string_view type) {
  return type.empty() || type == tag;
}

// A text of separators only has no tag in it: Java's split() leaves nothing.
bool is_blank_expression(std::string_view expression) {
  return expression.find_first_not_of('|') == std::string_view::npos &&
         expression.find("||") != std::string_view::npos;
}

// Until a filter is bound, the only expression is "everything".
std::optional<PullRefusal> check_expression(std::string_view type, std::string_view expression) {
  if (is_tag(type) && (expression.empty() || expression == "*")) return std::nullopt;
  return PullRefusal{code::system_error,
                     "The broker does not support consumer to filter message by " +
                         std::string(is_tag(type) ? tag : type)};
}

std::optional<PullRefusal> check_own_expression(const protocol::PullMessageHeader& header) {
  const bool unreadable = is_tag(header.expression_type) ? is_blank_expression(header.subscription)
                                                         : header.subscription.empty();
  if (unreadable) {
    return PullRefusal{
        code::subscription_parse_failed,
        "parse the consumer's subscription failed: \"" + std::string(header.subscription) + "\""};
  }
  return check_expression(header.expression_type, header.subscription);
}

std::optional<PullRefusal> check_heartbeats(const protocol::PullMessageHeader& header,
                                            const Group& group, const ClientTable& clients) {
  const Subscribed subscribed = clients.find(header.consumer_group, header.topic);
  if (!subscribed.online) {
    return PullRefusal{code::subscription_not_exist,
                       with_faq("the consumer's group info not exist")};
  }
  if (!group.consume_broadcast_enabled && subscribed.broadcasting) {
    return PullRefusal{code::no_permission,
                       "the consumer group[" + group.name + "] can not consume by broadcast way",
                       Forbidden::broadcast};
  }
  if (!subscribed.found) {
    return PullRefusal{code::subscription_not_exist,
                       with_faq("the consumer's subscription not exist")};
  }
  if (subscribed.version < header.subscription_version) {
    return PullRefusal{code::subscription_not_latest, "the consumer's subscription not latest"};
  }
  return check_expression(subscribed.expression_type, subscribed.expression);
}

}  // namespace

PullRefusal unknown_pull_group(std::string_view group) {
  return {code::subscription_group_not_exist,
          with_faq("subscription group [" + std::string(group) + "] does not exist, ")};
}

std::optional<PullRefusal> check_pull(const protocol::PullMessageHeader& header, const Group& group,
                                      const Topic* topic, const ClientTable& clients,
                                      const gantry_request& request) {
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
  return (header.sys_flag & protocol::pull_flag::subscription) != 0
             ? check_own_expression(header)
             : check_heartbeats(header, group, clients);
}

}  // namespace gantry::messaging
