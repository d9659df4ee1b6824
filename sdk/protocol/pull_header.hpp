// Header fields of pulls (11, 361) and their answers. Texts are borrowed on reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/headers.hpp"

namespace gantry::protocol {

struct PullMessageHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int32_t messages_max = 0;
  std::int32_t sys_flag = 0;  // pull_flag
  std::int64_t commit_offset = 0;
  std::int64_t suspend_timeout_ms = 0;
  std::int64_t subscription_version = 0;
  std::string_view subscription;
  std::string_view expression_type;  // empty: TAG
  std::optional<std::int32_t> message_bytes_max;
  std::optional<std::int32_t> request_source;
  std::string_view proxy_client_id;
  std::string_view lite_topic;
  std::string_view broker_name;

  friend bool operator==(const PullMessageHeader&, const PullMessageHeader&) = default;
};

template <class Range>
Result<PullMessageHeader> read_pull_header(const Range& fields) {
  FieldReader in(fields);
  PullMessageHeader header;
  header.consumer_group = in.text("consumerGroup");
  header.topic = in.text("topic");
  header.queue_id = in.i32("queueId");
  header.queue_offset = in.i64("queueOffset");
  header.messages_max = in.i32("maxMsgNums");
  header.sys_flag = in.i32("sysFlag");
  header.commit_offset = in.i64("commitOffset");
  header.suspend_timeout_ms = in.i64("suspendTimeoutMillis");
  header.subscription_version = in.i64("subVersion");
  header.subscription = in.text_or("subscription", "");
  header.expression_type = in.text_or("expressionType", "");
  header.message_bytes_max = in.optional_i32("maxMsgBytes");
  header.request_source = in.optional_i32("requestSource");
  header.proxy_client_id = in.text_or("proxyFrowardClientId", "");  // the protocol's spelling
  header.lite_topic = in.text_or("liteTopic", "");
  header.broker_name = in.text_or("bname", "");
  if (!in.ok()) return in.error();
  return header;
}

Fields write_pull_header(const PullMessageHeader& header);

struct PullMessageAnswer {
  std::int64_t suggested_broker_id = 0;
  std::int64_t next_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::optional<std::int64_t> offset_delta;
  std::optional<std::int32_t> topic_sys_flag;
  std::optional<std::int32_t> group_sys_flag;
  std::optional<std::int32_t> forbidden_type;  // with answer 16

  friend bool operator==(const PullMessageAnswer&, const PullMessageAnswer&) = default;
};

Fields write_pull_answer(const PullMessageAnswer& answer);

template <class Range>
Result<PullMessageAnswer> read_pull_answer(const Range& fields) {
  FieldReader in(fields);
  PullMessageAnswer answer;
  answer.suggested_broker_id = in.i64("suggestWhichBrokerId");
  answer.next_offset = in.i64("nextBeginOffset");
  answer.min_offset = in.i64("minOffset");
  answer.max_offset = in.i64("maxOffset");
  answer.offset_delta = in.optional_i64("offsetDelta");
  answer.topic_sys_flag = in.optional_i32("topicSysFlag");
  answer.group_sys_flag = in.optional_i32("groupSysFlag");
  answer.forbidden_type = in.optional_i32("forbiddenType");
  if (!in.ok()) return in.error();
  return answer;
}

}  // namespace gantry::protocol
