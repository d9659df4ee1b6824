#include "topic.hpp"

#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::messaging {
namespace {

std::string perm_text(int32_t perm) {
  std::string text = "---";
  if (protocol::perm::is_readable(perm)) text[0] = 'R';
  if (protocol::perm::is_writable(perm)) text[1] = 'W';
  if (protocol::perm::is_inherited(perm)) text[2] = 'X';
  return text;
}

}  // namespace

std::string topic_text(const Topic& topic) {
  std::string attributes;
  for (const auto& [key, value] : topic.attributes) {
    if (!attributes.empty()) attributes += ", ";
    attributes.append(key).append("=").append(value);
  }
  return "TopicConfig [topicName=" + topic.name +
         ", readQueueNums=" + std::to_string(topic.read_queues) +
         ", writeQueueNums=" + std::to_string(topic.write_queues) +
         ", perm=" + perm_text(topic.perm) +
         ", topicFilterType=" + std::string(protocol::topic_filter_type_name(topic.filter_type)) +
         ", topicSysFlag=" + std::to_string(topic.topic_sys_flag) +
         ", order=" + (topic.order ? "true" : "false") + ", attributes={" + attributes + "}]";
}

Topic make_topic(std::string name, int32_t queues, int32_t perm) {
  Topic topic;
  topic.name = std::move(name);
  topic.read_queues = queues;
  topic.write_queues = queues;
  topic.perm = perm;
  return topic;
}

Topic single_queue_topic(std::string name) {
  return make_topic(std::move(name), 1, protocol::perm::read | protocol::perm::write);
}

Topic make_retry_topic(const Group& group) {
  return make_topic(protocol::retry_topic(group.name), group.retry_queues,
                    protocol::perm::read | protocol::perm::write);
}

Group make_group(std::string name) {
  Group group;
  group.name = std::move(name);
  return group;
}

}  // namespace gantry::messaging
