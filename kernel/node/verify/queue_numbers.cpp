#include "node/verify/queue_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace gantry::node {
namespace {

// RocketMQ's MessageSysFlag.
constexpr int32_t transaction_mask = 0x3 << 2;
constexpr int32_t prepared = 0x1 << 2;
constexpr int32_t rollback = 0x3 << 2;
constexpr int32_t inner_batch = 0x1 << 7;

constexpr int64_t number_max = int64_t{1} << 56;  // so large that no sum overflows

constexpr std::string_view further_names = "INNER_MULTI_DISPATCH";
constexpr std::string_view further_numbers = "INNER_MULTI_QUEUE_OFFSET";
constexpr std::string_view light_prefix = "%LMQ%";

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

std::optional<int64_t> number_of(std::string_view text) {
  int64_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && at == text.data() + text.size();
  return whole && number >= 0 && number <= number_max ? std::optional(number) : std::nullopt;
}

// How many messages a record says it holds.
int64_t inner_number(const commitlog::RecordView& record) {
  const int64_t number = number_of(property(record.property_text.view(), "INNER_NUM")).value_or(0);
  return number > 0 ? number : 1;
}

// The part before the next comma, taken off a list that has one more.
std::string_view next_item(std::string_view& list, bool& more) {
  const std::string_view item = list.substr(0, list.find(','));
  more = item.size() < list.size();
  list.remove_prefix(item.size() + (more ? 1 : 0));
  return item;
}

}  // namespace

bool is_numbered(const commitlog::RecordView& record) {
  const int32_t transaction = record.sys_flag & transaction_mask;
  return transaction != prepared && transaction != rollback;
}

void QueueNumbers::check(const commitlog::RecordView& record) {
  if (!is_numbered(record)) return;
  const int64_t number = record.queue_offset.value;
  if (Next* next = check(record.topic.view(), record.queue_id, number, record.log_offset)) {
    const int64_t inner = inner_number(record);
    next->most = number + inner;
    // Without the flag, only a queue of batches counts them.
    next->least = record.sys_flag & inner_batch ? next->most : number + 1;
  }
  check_further(record);
}

// The queue when the number counts there, for the next one to be set.
QueueNumbers::Next* QueueNumbers::check(std::string_view topic, int32_t queue_id, int64_t number,
                                        LogOffset place) {
  auto queues = topics_.find(topic);
  if (queues == topics_.end()) queues = topics_.try_emplace(std::string(topic)).first;
  const auto [at, first] = queues->second.try_emplace(queue_id);
  Next& next = at->second;
  queues_ += first;
  if (number < 0 || number > number_max) {
    findings_.add("log offset {}: topic {} queue {} has number {}, which no queue has", place.value,
                  topic, queue_id, number);
    return nullptr;
  }
  if (!first && (number < next.least || number > next.most)) {
    findings_.add("log offset {}: topic {} queue {} has number {}, expected {}: {}", place.value,
                  topic, queue_id, number, next.least,
                  number < next.least ? "given twice" : "some are missing");
    if (number < next.least) return nullptr;
  }
  return &next;
}

// A record that tells no numbers is in none of the queues it names, and one place left empty is a
// name that RocketMQ doesn't number: any but a light queue's.
void QueueNumbers::check_further(const commitlog::RecordView& record) {
  const std::string_view text = record.property_text.view();
  if (text.find(further_numbers) == text.npos) return;
  std::string_view names = property(text, further_names);
  std::string_view numbers = property(text, further_numbers);
  if (names.empty() || numbers.empty()) return;
  bool more_names = true;
  bool more_numbers = true;
  while (more_names && more_numbers) {
    const std::string_view name = next_item(names, more_names);
    const std::string_view told = next_item(numbers, more_numbers);
    if (told.empty() && !name.starts_with(light_prefix)) continue;
    const std::optional<int64_t> number = number_of(told);
    if (!number) {
      findings_.add("log offset {}: its number in queue {} is \"{}\"", record.log_offset.value, name,
                    told);
    } else if (Next* next = check(name, 0, *number, record.log_offset)) {
      next->least = next->most = *number + 1;
    }
  }
  if (more_names != more_numbers) {
    findings_.add("log offset {}: it names other further queues, {}, than it has numbers for, {}",
                  record.log_offset.value, property(text, further_names),
                  property(text, further_numbers));
  }
}

}  // namespace gantry::node
