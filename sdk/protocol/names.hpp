// Names of topics and groups: what is allowed, what is the system's, what is derived from what.
// Pure functions; any thread. Error texts are Java's (common: TopicValidator; client: Validators).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::protocol {

inline constexpr std::size_t topic_chars_max = 127;
inline constexpr std::size_t retry_topic_chars_max = 255;  // %RETRY% and %DLQ% names
inline constexpr std::size_t group_chars_max = 120;

inline constexpr std::string_view retry_prefix = "%RETRY%";
inline constexpr std::string_view dlq_prefix = "%DLQ%";
inline constexpr std::string_view lmq_prefix = "%LMQ%";
inline constexpr std::string_view system_topic_prefix = "rmq_sys_";
inline constexpr std::string_view system_group_prefix = "CID_RMQ_SYS_";
inline constexpr std::string_view reply_topic_postfix = "REPLY_TOPIC";
inline constexpr char namespace_separator = '%';

namespace topic {
inline constexpr std::string_view auto_create = "TBW102";
inline constexpr std::string_view schedule = "SCHEDULE_TOPIC_XXXX";
inline constexpr std::string_view benchmark = "BenchmarkTest";
inline constexpr std::string_view half = "RMQ_SYS_TRANS_HALF_TOPIC";
inline constexpr std::string_view half_op = "RMQ_SYS_TRANS_OP_HALF_TOPIC";
inline constexpr std::string_view rocksdb_half = "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC";
inline constexpr std::string_view rocksdb_half_op = "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC";
inline constexpr std::string_view half_dead = "TRANS_CHECK_MAX_TIME_TOPIC";
inline constexpr std::string_view trace = "RMQ_SYS_TRACE_TOPIC";
inline constexpr std::string_view self_test = "SELF_TEST_TOPIC";
inline constexpr std::string_view offset_moved = "OFFSET_MOVED_EVENT";
inline constexpr std::string_view checkpoint = "CHECKPOINT_TOPIC";
inline constexpr std::string_view timer = "rmq_sys_wheel_timer";
}  // namespace topic

// What is wrong with a name, as the remark of answer 29; empty when nothing is.
std::string check_topic(std::string_view topic);
std::string check_group(std::string_view group);

// The client's own, slightly different checks; empty when nothing is wrong.
std::string check_topic_at_client(std::string_view topic);
std::string check_group_at_client(std::string_view group);

// The fixed ones. At run time a broker adds its cluster, its name, its reply and its revive topic.
bool is_system_topic(std::string_view topic);
std::span<const std::string_view> system_topics();

// Clients may not send there (answer 16).
bool is_forbidden_to_send(std::string_view topic);
std::span<const std::string_view> topics_forbidden_to_send();

bool is_system_group(std::string_view group);

inline bool is_retry_topic(std::string_view name) {
  return name.starts_with(retry_prefix);
}
inline bool is_dlq_topic(std::string_view name) {
  return name.starts_with(dlq_prefix);
}
inline bool is_lmq(std::string_view name) {
  return name.starts_with(lmq_prefix);
}

std::string retry_topic(std::string_view group);
std::string dlq_topic(std::string_view group);
std::string reply_topic(std::string_view cluster);
std::string revive_topic(std::string_view cluster);

// %RETRY%group_topic (version 1) and %RETRY%group+topic (version 2).
std::string pop_retry_topic_v1(std::string_view group, std::string_view topic);
std::string pop_retry_topic_v2(std::string_view group, std::string_view topic);
// The topic a pop retry topic was made of; nothing if the name is not one of that group.
std::optional<std::string_view> topic_of_pop_retry(std::string_view name, std::string_view group);

// Namespaces (remoting: NamespaceUtil): NS%topic, %RETRY%NS%group. System names keep theirs.
std::string wrap_namespace(std::string_view space, std::string_view resource);
std::string without_namespace(std::string_view resource);
std::string retry_topic_in_namespace(std::string_view space, std::string_view group);

}  // namespace gantry::protocol
