#include "send_check.hpp"

#include <algorithm>

#include "protocol/codes.hpp"
#include "protocol/host.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;
namespace property = protocol::property;

constexpr std::string_view faq =
    "\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.";

std::string peer_text(const gantry_request& request) {
  const auto host = protocol::host_from_bytes({request.peer.data, request.peer.size});
  return host ? host->text() : "this node";
}

std::string quoted(std::string_view name, std::string_view value) {
  return std::string(name).append(": \"").append(value).append("\"");
}

std::string too_large(const Options& options, std::string_view what, size_t size) {
  return "the message is illegal, maybe msg body or properties length not matched. msg body length "
         "limit " +
         std::to_string(options.message_bytes_max) + "B, msg properties length limit 32KB. " +
         std::string(what) + " has " + std::to_string(size) + " bytes";
}

}  // namespace

std::optional<Refusal> check_send_name(std::string_view topic) {
  if (std::string wrong = protocol::check_topic(topic); !wrong.empty()) {
    return Refusal{code::invalid_parameter, std::move(wrong)};
  }
  if (protocol::is_forbidden_to_send(topic)) {
    return Refusal{code::no_permission,
                   "Sending message to topic[" + std::string(topic) + "] is forbidden."};
  }
  return std::nullopt;
}

std::optional<Topic> topic_to_create(const protocol::SendMessageHeader& header,
                                     const CatalogSnapshot& known) {
  const bool retry = protocol::is_retry_topic(header.topic);
  int32_t sys_flag = 0;
  if (header.unit_mode) {
    sys_flag = retry ? protocol::topic_flag::unit_subscription : protocol::topic_flag::unit;
  }
  const Topic* pattern = known.topics.find(header.default_topic);
  Topic topic;
  if (pattern && protocol::perm::is_inherited(pattern->perm)) {
    // A client that finds no route of a retry topic picks one of the template's queues, too.
    topic = make_topic(std::string(header.topic),
                       std::clamp(header.default_topic_queues, 0, pattern->write_queues),
                       pattern->perm & ~protocol::perm::inherit);
    topic.filter_type = pattern->filter_type;
  } else if (retry) {
    topic = single_queue_topic(std::string(header.topic));
  } else {
    return std::nullopt;
  }
  topic.topic_sys_flag = sys_flag;
  return topic;
}

Refusal unknown_topic(std::string_view topic) {
  std::string remark = "topic[" + std::string(topic) + "] not exist, apply first please!";
  return {code::topic_not_exist, std::move(remark.append(faq))};
}

Refusal unknown_group(std::string_view group) {
  std::string remark = "subscription group not exist, " + std::string(group) + " ";
  return {code::subscription_group_not_exist, std::move(remark.append(faq))};
}

bool needs_keys(const Topic& topic) {
  if (topic.attributes.empty()) return false;
  const auto policy = topic.attributes.find("cleanup.policy");
  return policy != topic.attributes.end() && policy->second == "COMPACTION";
}

std::optional<Refusal> check_queue(int32_t queue_id, const Topic& topic,
                                   const gantry_request& request) {
  if (queue_id >= std::max(topic.read_queues, topic.write_queues)) {
    return Refusal{code::invalid_parameter, "request queueId[" + std::to_string(queue_id) +
                                                "] is illegal, " + topic_text(topic) +
                                                " Producer: " + peer_text(request)};
  }
  if (queue_id < 0 && topic.write_queues <= 0) {
    return Refusal{code::system_error, "topic[" + topic.name + "] has no queue to write to"};
  }
  return std::nullopt;
}

std::optional<Refusal> check_features(const protocol::SendMessageHeader& header,
                                      const SendProperties& properties) {
  const auto missing = [](std::string property, std::string_view what) {
    return Refusal{code::system_error, "property " + property + " asks for " + std::string(what) +
                                           ", which no module of this broker serves"};
  };
  if (protocol::parse_bool(properties.transaction)) {
    return missing(quoted(property::transaction_prepared, properties.transaction), "a transaction");
  }
  if ((header.sys_flag & protocol::message_flag::transaction_mask) != 0) {
    return Refusal{code::message_illegal, "sysFlag " + std::to_string(header.sys_flag) +
                                              " marks part of a transaction, which no module of "
                                              "this broker serves"};
  }
  // Of such a record the indexes believe that it holds as many messages as it says.
  constexpr int32_t broker_made =
      protocol::message_flag::inner_batch | protocol::message_flag::need_unwrap;
  if ((header.sys_flag & broker_made) != 0) {
    return Refusal{code::message_illegal, "sysFlag " + std::to_string(header.sys_flag) +
                                              " marks an inner batch, which producers don't send"};
  }
  if (properties.delay.data()) {
    const auto level = protocol::parse_i32(properties.delay);
    if (!level) {
      return Refusal{code::system_error, "property " + quoted(property::delay, properties.delay) +
                                             " is not a whole number"};
    }
    if (*level > 0) return missing(quoted(property::delay, properties.delay), "a delay");
  }
  if (properties.timer_name.data()) {
    return missing(quoted(properties.timer_name, properties.timer_value), "a timer");
  }
  return std::nullopt;
}

std::optional<Refusal> check_sizes(std::string_view body, size_t property_bytes,
                                   const Options& options) {
  if (body.empty()) return Refusal{code::message_illegal, "the message has no body"};
  if (body.size() > static_cast<size_t>(options.message_bytes_max)) {
    return Refusal{code::message_illegal, too_large(options, "The body", body.size())};
  }
  if (property_bytes > protocol::property_bytes_max) {
    return Refusal{code::message_illegal, too_large(options, "The property text", property_bytes)};
  }
  return std::nullopt;
}

std::optional<Refusal> check_batch(const protocol::SendMessageHeader& header,
                                   const SendProperties& properties) {
  if (header.topic.size() > protocol::topic_chars_max) {
    return Refusal{code::message_illegal,
                   "message topic length over 127: " + std::to_string(header.topic.size())};
  }
  if (protocol::is_retry_topic(header.topic)) {
    return Refusal{code::message_illegal,
                   "batch request does not support retry group " + std::string(header.topic)};
  }
  if ((header.sys_flag & protocol::message_flag::transaction_mask) != 0) {
    return Refusal{code::message_illegal, "a batch is no part of a transaction, sysFlag is " +
                                              std::to_string(header.sys_flag)};
  }
  if (properties.delay.data() && protocol::parse_i32(properties.delay).value_or(0) > 0) {
    return Refusal{code::message_illegal,
                   "a batch is not delayed, property " + quoted(property::delay, properties.delay)};
  }
  return std::nullopt;
}

}  // namespace gantry::messaging
