#include "node/verify/queue_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace gantry::node {
namespace {

// RocketMQ's MessageSysFlag.
constexpr int32_t transaction_mask = 0x3 << 2;
constexpr int32_t prepared = 0x1 << 2;
constexpr int32_t rollback = 0x3 << 2;
constexpr int32_t inner_batch = 0x1 << 7;

// The value of a property, empty when it isn't there: name 0x01 value 0x02 ...
std::string_view property(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('\x02'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const size_t middle = pair.find('\x01');
    if (middle != pair.npos && pair.substr(0, middle) == name) return pair.substr(middle + 1);
  }
  return {};
}

// How many messages a record says it holds.
int64_t inner_number(const commitlog::RecordView& record) {
  const std::string_view text = property(record.property_text.view(), "INNER_NUM");
  int64_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && at == text.data() + text.size() && number > 0 ? number : 1;
}

}  // namespace

bool is_numbered(const commitlog::RecordView& record) {
  const int32_t transaction = record.sys_flag & transaction_mask;
  return transaction != prepared && transaction != rollback;
}

void QueueNumbers::check(const commitlog::RecordView& record) {
  if (!is_numbered(record)) return;
  const std::string_view topic = record.topic.view();
  auto queues = topics_.find(topic);
  if (queues == topics_.end()) queues = topics_.try_emplace(std::string(topic)).first;
  const auto [at, first] = queues->second.try_emplace(record.queue_id);
  Next& next = at->second;
  const int64_t number = record.queue_offset.value;
  queues_ += first;
  if (!first && (number < next.least || number > next.most)) {
    findings_.add("log offset {}: topic {} queue {} has number {}, expected {}: {}",
                  record.log_offset.value, topic, record.queue_id, number, next.least,
                  number < next.least ? "given twice" : "some are missing");
    if (number < next.least) return;
  }
  const int64_t inner = inner_number(record);
  next.most = number + inner;
  // Without the flag, only a queue of batches counts them.
  next.least = record.sys_flag & inner_batch ? next.most : number + 1;
}

}  // namespace gantry::node
