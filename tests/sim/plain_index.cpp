#include "plain_index.hpp"

#include <charconv>

#include "workload.hpp"

namespace gantry::sim {

bool is_numbered(const commitlog::RecordView& record) {
  return (record.sys_flag & transaction_mask) == 0;
}

uint32_t span_of(const commitlog::RecordView& record) {
  const std::string text = property_of(record.property_text.view(), span_property);
  uint32_t span = 1;
  if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), span);
  return span;
}

dispatch::Status PlainIndex::consume(dispatch::Call& call,
                                     std::span<const commitlog::RecordView> records,
                                     uint32_t& consumed) {
  for (consumed = 0; consumed < records.size(); consumed++) {
    const commitlog::RecordView& record = records[consumed];
    if (!is_numbered(record)) continue;
    Queue& queue = queues_[{std::string(record.topic.view()), record.queue_id}];
    const int64_t number = record.queue_offset.value;
    if (queue.entries.empty() && queue.max == 0) queue.min = queue.max = number;
    if (number != queue.max) {
      call.error.set(dispatch::Status::invalid,
                     fmt::format("number {}, expected {}", number, queue.max));
      return dispatch::Status::invalid;
    }
    queue.max += span_of(record);
    queue.entries.push_back(
        {record.log_offset.value, record.tag_code, static_cast<int32_t>(record.record_size)});
    queue.ends.push_back(queue.max);
  }
  return dispatch::Status::ok;
}

dispatch::Status PlainIndex::persist(dispatch::Call&, int64_t stable, int64_t& persisted) {
  persisted = stable;  // nothing holds the log back for it
  return dispatch::Status::ok;
}

Outcome<void> PlainIndex::truncate(int64_t log_offset) {
  for (auto& [name, queue] : queues_) {
    while (!queue.entries.empty() && queue.entries.back().log_offset >= log_offset) {
      queue.entries.pop_back();
      queue.ends.pop_back();
    }
    if (!queue.ends.empty()) queue.max = queue.ends.back();
  }
  std::erase_if(queues_, [](const auto& known) { return known.second.entries.empty(); });
  return boost::system::in_place_value;
}

std::pair<int64_t, int64_t> PlainIndex::bounds(const QueueName& queue) {
  const auto known = queues_.find(queue);
  if (known == queues_.end()) return {0, ledger_.first_number(queue)};
  return {known->second.min, known->second.max};
}

std::string PlainIndex::read(const QueueName& queue, std::vector<commitlog::IndexEntry>& out) {
  const auto known = queues_.find(queue);
  out.clear();
  if (known != queues_.end()) out = known->second.entries;
  return {};
}

}  // namespace gantry::sim
