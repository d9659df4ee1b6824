#include "protocol/names.hpp"

#include <algorithm>
#include <iterator>

namespace gantry::protocol {
namespace {

constexpr std::string_view system_topic_names[] = {
    topic::auto_create,  topic::schedule,   topic::benchmark,    topic::half,
    topic::trace,        topic::half_op,    topic::half_dead,    topic::self_test,
    topic::offset_moved, topic::checkpoint, topic::rocksdb_half, topic::rocksdb_half_op};

constexpr std::string_view forbidden_topic_names[] = {
    topic::schedule,  topic::half,         topic::half_op,      topic::half_dead,
    topic::self_test, topic::offset_moved, topic::rocksdb_half, topic::rocksdb_half_op};

constexpr std::string_view allowing_only = ", allowing only ^[%|a-zA-Z0-9_-]+$";
constexpr std::string_view client_allowing_only = " allowing only ^[%|a-zA-Z0-9_-]+$";

constexpr bool is_allowed(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '%' ||
         c == '|' || c == '_' || c == '-';
}

bool has_illegal(std::string_view name) {
  return !std::ranges::all_of(name, is_allowed);
}

bool is_blank(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

struct Prefixed {
  std::string_view prefix;  // %RETRY%, %DLQ% or nothing
  std::string_view rest;
};

Prefixed split_prefix(std::string_view name) {
  for (const auto prefix : {retry_prefix, dlq_prefix}) {
    if (name.starts_with(prefix)) return {prefix, name.substr(prefix.size())};
  }
  return {{}, name};
}

bool is_system_name(std::string_view name) {
  return is_system_topic(name) || is_system_group(name);
}

}  // namespace

std::string check_topic(std::string_view topic) {
  if (is_blank(topic)) return "The specified topic is blank.";
  if (has_illegal(topic)) {
    return join({"The specified topic: ", topic, ", contains illegal characters", allowing_only});
  }
  if (is_retry_topic(topic) || is_dlq_topic(topic)) {
    if (topic.size() <= retry_topic_chars_max) return {};
    return join(
        {"The specified topic is DLQ or Retry topic: ", topic,
         ", and it's longer than topic max length: ", std::to_string(retry_topic_chars_max)});
  }
  if (topic.size() <= topic_chars_max) return {};
  return join({"The specified topic: ", topic,
               ", is longer than topic max length: ", std::to_string(topic_chars_max)});
}

std::string check_group(std::string_view group) {
  if (is_blank(group)) return "The specified group is blank.";
  if (has_illegal(group)) {
    return join({"The specified group: ", group, ", contains illegal characters", allowing_only});
  }
  if (group.size() <= group_chars_max) return {};
  return join({"The specified group: ", group,
               ", is longer than group max length: ", std::to_string(group_chars_max)});
}

std::string check_topic_at_client(std::string_view topic) {
  if (is_blank(topic)) return "The specified topic is blank";
  if (topic.size() > topic_chars_max && !has_illegal(topic)) {
    return join({"The specified topic is longer than topic max length ",
                 std::to_string(topic_chars_max), "."});
  }
  if (!has_illegal(topic)) return {};
  return join(
      {"The specified topic[", topic, "] contains illegal characters,", client_allowing_only});
}

std::string check_group_at_client(std::string_view group) {
  if (is_blank(group)) return "the specified group is blank";
  if (group.size() > group_chars_max) {
    return join({"the specified group[", group,
                 "] is longer than group max length: ", std::to_string(group_chars_max), "."});
  }
  if (!has_illegal(group)) return {};
  return join(
      {"the specified group[", group, "] contains illegal characters,", client_allowing_only});
}

std::span<const std::string_view> system_topics() {
  return system_topic_names;
}
std::span<const std::string_view> topics_forbidden_to_send() {
  return forbidden_topic_names;
}

bool is_system_topic(std::string_view topic) {
  return topic.starts_with(system_topic_prefix) ||
         std::ranges::find(system_topic_names, topic) != std::end(system_topic_names);
}

bool is_forbidden_to_send(std::string_view topic) {
  return std::ranges::find(forbidden_topic_names, topic) != std::end(forbidden_topic_names);
}

bool is_system_group(std::string_view group) {
  return group.starts_with(system_group_prefix);
}

std::string retry_topic(std::string_view group) {
  return join({retry_prefix, group});
}
std::string dlq_topic(std::string_view group) {
  return join({dlq_prefix, group});
}
std::string reply_topic(std::string_view cluster) {
  return join({cluster, "_", reply_topic_postfix});
}
std::string revive_topic(std::string_view cluster) {
  return join({"rmq_sys_REVIVE_LOG_", cluster});
}

std::string pop_retry_topic_v1(std::string_view group, std::string_view topic) {
  return join({retry_prefix, group, "_", topic});
}

std::string pop_retry_topic_v2(std::string_view group, std::string_view topic) {
  return join({retry_prefix, group, "+", topic});
}

std::optional<std::string_view> topic_of_pop_retry(std::string_view name, std::string_view group) {
  if (!is_retry_topic(name)) return std::nullopt;
  const std::string_view rest = name.substr(retry_prefix.size());
  if (!rest.starts_with(group) || rest.size() <= group.size()) return std::nullopt;
  const char parting = rest[group.size()];
  if (parting != '_' && parting != '+') return std::nullopt;
  return rest.substr(group.size() + 1);
}

std::string wrap_namespace(std::string_view space, std::string_view resource) {
  const auto [prefix, rest] = split_prefix(resource);
  const std::string head = join({space, std::string_view(&namespace_separator, 1)});
  if (space.empty() || resource.empty() || is_system_name(resource) || rest.starts_with(head)) {
    return std::string(resource);
  }
  return join({prefix, head, rest});
}

std::string without_namespace(std::string_view resource) {
  const auto [prefix, rest] = split_prefix(resource);
  const auto parting = rest.find(namespace_separator);
  if (is_system_name(resource) || parting == 0 || parting == std::string_view::npos) {
    return std::string(resource);
  }
  return join({prefix, rest.substr(parting + 1)});
}

std::string retry_topic_in_namespace(std::string_view space, std::string_view group) {
  return group.empty() ? std::string() : retry_topic(wrap_namespace(space, group));
}

}  // namespace gantry::protocol
