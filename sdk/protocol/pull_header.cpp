#include "protocol/pull_header.hpp"

namespace gantry::protocol {
namespace {

void add_text(Fields& fields, const char* name, std::string_view value) {
  if (!value.empty()) fields.emplace_back(name, value);
}

template <class Number>
void add_number(Fields& fields, const char* name, const std::optional<Number>& value) {
  if (value) fields.emplace_back(name, std::to_string(*value));
}

}  // namespace

Fields write_pull_header(const PullMessageHeader& header) {
  Fields fields = {{"consumerGroup", std::string(header.consumer_group)},
                   {"topic", std::string(header.topic)},
                   {"queueId", std::to_string(header.queue_id)},
                   {"queueOffset", std::to_string(header.queue_offset)},
                   {"maxMsgNums", std::to_string(header.messages_max)},
                   {"sysFlag", std::to_string(header.sys_flag)},
                   {"commitOffset", std::to_string(header.commit_offset)},
                   {"suspendTimeoutMillis", std::to_string(header.suspend_timeout_ms)},
                   {"subVersion", std::to_string(header.subscription_version)}};
  add_text(fields, "subscription", header.subscription);
  add_text(fields, "expressionType", header.expression_type);
  add_number(fields, "maxMsgBytes", header.message_bytes_max);
  add_number(fields, "requestSource", header.request_source);
  add_text(fields, "proxyFrowardClientId", header.proxy_client_id);
  add_text(fields, "liteTopic", header.lite_topic);
  add_text(fields, "bname", header.broker_name);
  return fields;
}

Fields write_pull_answer(const PullMessageAnswer& answer) {
  Fields fields = {{"suggestWhichBrokerId", std::to_string(answer.suggested_broker_id)},
                   {"nextBeginOffset", std::to_string(answer.next_offset)},
                   {"minOffset", std::to_string(answer.min_offset)},
                   {"maxOffset", std::to_string(answer.max_offset)}};
  add_number(fields, "offsetDelta", answer.offset_delta);
  add_number(fields, "topicSysFlag", answer.topic_sys_flag);
  add_number(fields, "groupSysFlag", answer.group_sys_flag);
  add_number(fields, "forbiddenType", answer.forbidden_type);
  return fields;
}

}  // namespace gantry::protocol
