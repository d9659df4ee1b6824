#include "check/log_index.hpp"

#include <algorithm>

#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::check {

std::vector<gantry_message> LogIndex::queue(gantry_str topic, int32_t queue_id) const {
  std::vector<gantry_message> all;
  auto rest = log_.bytes(log_.begin(), log_.mark(GANTRY_MARK_VISIBLE));
  constexpr bool check_body = false;  // they were written a moment ago
  while (const auto record = fake::decode(rest, check_body)) {
    rest = rest.subspan(record->record_size);
    if (view(record->topic) == view(topic) && record->queue_id == queue_id) all.push_back(*record);
  }
  return all;
}

gantry_status LogIndex::read(const gantry_call*, gantry_str topic, int32_t queue_id, bool,
                             int64_t from, gantry_index_entry* entries, uint32_t capacity,
                             uint32_t& count) {
  count = 0;
  const auto records = queue(topic, queue_id);
  if (records.empty() || from < records.front().queue_offset) return GANTRY_GONE;
  for (const gantry_message& record : records)
    if (record.queue_offset >= from && count < capacity)
      entries[count++] = {record.log_offset, record.tag_code,
                          static_cast<int32_t>(record.record_size), 0};
  return GANTRY_OK;
}

gantry_status LogIndex::bounds(const gantry_call*, gantry_str topic, int32_t queue_id,
                               gantry_queue_bounds& out) {
  const auto records = queue(topic, queue_id);
  out = {0, 0};
  if (records.empty()) return GANTRY_GONE;
  out = {records.front().queue_offset, records.back().queue_offset + 1};
  return GANTRY_OK;
}

gantry_status LogIndex::at_time(const gantry_call&, gantry_str topic, int32_t queue_id, bool upper,
                                int64_t time_ms, int64_t& queue_offset) {
  const auto records = queue(topic, queue_id);
  if (records.empty()) return GANTRY_GONE;
  // Store times never fall, so the records up to a time are the first ones.
  const auto behind = std::find_if(records.begin(), records.end(), [&](const auto& record) {
    return upper ? record.stored_ms > time_ms : record.stored_ms >= time_ms;
  });
  if (upper)
    queue_offset =
        behind == records.begin() ? records.front().queue_offset : (behind - 1)->queue_offset;
  else
    queue_offset = behind == records.end() ? records.back().queue_offset + 1 : behind->queue_offset;
  return GANTRY_OK;
}

}  // namespace gantry::sdk::check
