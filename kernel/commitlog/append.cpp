// The append path: encode and check outside, then stamp, number and copy under the append lock.
#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

ErrorCode invalid(PutResult& result, std::string reason) {
  result.reason = std::move(reason);
  return Errc::invalid;
}

// Each further queue is another one: a counter that is named twice would be raised twice.
ErrorCode check_streams(const Put& put, PutResult& result) {
  if (put.streams.empty()) return {};
  if (put.number != PutNumber::dense)
    return invalid(result, fmt::format("streams: {}, but the put takes no dense numbers",
                                       put.streams.size()));
  const RecordDraft& first = put.records.front();
  std::vector<std::string_view> names;
  names.reserve(put.streams.size());
  for (const Text& stream : put.streams) {
    if (stream.size == 0 || stream.size > topic_bytes_max)
      return invalid(result, fmt::format("streams: a name of {} bytes, must be from 1 to {}",
                                         stream.size, topic_bytes_max));
    if (first.queue_id == 0 && stream.view() == first.topic.view())
      return invalid(result, fmt::format("streams: {} is the queue that the records are put in",
                                         stream.view()));
    names.push_back(stream.view());
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return invalid(result, fmt::format("streams: {} is named twice", *twice));
}

ErrorCode check_put(const Put& put, const Options& options, PutResult& result) {
  if (put.records.empty()) return invalid(result, "records: none");
  if (put.span == 0) return invalid(result, "span: 0, at least 1");
  if (!result.log_offsets.empty() && result.log_offsets.size() < put.records.size())
    return invalid(result, fmt::format("log_offsets: room for {}, but {} records",
                                       result.log_offsets.size(), put.records.size()));
  if (put.records.size() > options.segment_bytes / record_bytes_min)
    return invalid(result,
                   fmt::format("records: {}, more than a segment holds", put.records.size()));
  const RecordDraft& first = put.records.front();
  for (const RecordDraft& draft : put.records.subspan(1))
    if (draft.queue_id != first.queue_id || draft.topic.view() != first.topic.view())
      return invalid(result, "records: of more than one topic and queue");
  return check_streams(put, result);
}

// Encoded records of a batch: kept by the thread, so a warm append allocates nothing.
class Batch {
 public:
  explicit Batch(size_t count) {
    if (kept_.size() < count) kept_.resize(count);
  }
  ~Batch() {
    if (kept_.size() > kept_records_max) std::vector<EncodedRecord>().swap(kept_);
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  std::span<EncodedRecord> first(size_t count) { return std::span(kept_).first(count); }

 private:
  static constexpr size_t kept_records_max = 1024;
  static thread_local std::vector<EncodedRecord> kept_;
};
thread_local std::vector<EncodedRecord> Batch::kept_;

ErrorCode encode(const Put& put, const Options& options, std::span<EncodedRecord> records,
                 uint64_t& bytes, PutResult& result) {
  bytes = 0;
  const auto streams = static_cast<uint32_t>(put.streams.size());
  for (size_t i = 0; i < records.size(); i++) {
    if (ErrorCode error =
            records[i].encode(put.records[i], options.message_bytes_max, streams, result.reason))
      return error;
    bytes += records[i].size_max();
  }
  const uint64_t room = options.segment_bytes - blank_bytes;
  if (bytes > room)
    return invalid(result,
                   fmt::format("records: {} bytes in all, a segment takes {}", bytes, room));
  return {};
}

}  // namespace

// The counters a put takes numbers from, its queue's first; none unless it takes dense ones. Hashed
// before the append lock is taken, looked up under it.
struct CommitLog::State::Counters {
  explicit Counters(const Put& put)
      : own(put.records.front().topic, put.records.front().queue_id), all(&own, 1), found(&first, 1) {
    if (put.number != PutNumber::dense) all = {};
    if (put.streams.empty()) return;
    keys.push_back(own);
    for (const Text& stream : put.streams) keys.emplace_back(stream, 0);
    places.resize(keys.size());
    numbers.resize(put.streams.size());
    all = keys;
    found = places;
  }
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  // The numbers that record `index` of the put has in the further queues.
  std::span<const QueueOffset> of_streams(size_t index) {
    for (size_t i = 0; i < numbers.size(); i++)
      numbers[i] = *found[i + 1] + static_cast<int64_t>(index);
    return numbers;
  }

  const QueueKey own;
  QueueOffset* first = nullptr;
  std::span<const QueueKey> all;
  std::span<QueueOffset*> found;  // as many, valid until the lock is let go
  std::vector<QueueKey> keys;     // the rest: only with further queues
  std::vector<QueueOffset*> places;
  std::vector<QueueOffset> numbers;
};

ErrorCode CommitLog::check_records(const Put& put, PutResult& result) const {
  const Options& options = state_->options;
  if (ErrorCode error = check_put(put, options, result)) return error;
  const auto streams = static_cast<uint32_t>(put.streams.size());
  for (const RecordDraft& draft : put.records) {
    if (ErrorCode error =
            check_draft(draft, options.message_bytes_max, streams, result.reason)) {
      return error;
    }
  }
  return {};
}

ErrorCode CommitLog::append(const Put& put, PutResult& result) {
  State& state = *state_;
  if (ErrorCode error = check_put(put, state.options, result)) return error;
  State::Counters counters(put);
  state.prefetch(put.records.front().body.size());
  uint64_t bytes = 0;
  if (put.records.size() == 1) {
    EncodedRecord record;
    if (ErrorCode error = encode(put, state.options, {&record, 1}, bytes, result)) return error;
    return state.commit({&record, 1}, put, counters, result);
  }
  Batch batch(put.records.size());
  const auto records = batch.first(put.records.size());
  if (ErrorCode error = encode(put, state.options, records, bytes, result)) return error;
  return state.commit(records, put, counters, result);
}

// A counter that isn't known is asked for without the lock; then all are looked up again, since
// everything may have been forgotten meanwhile.
ErrorCode CommitLog::State::find_counters(std::unique_lock<std::mutex>& lock, Counters& counters) {
  for (size_t i = 0; i < counters.all.size();) {
    const QueueKey& key = counters.all[i];
    counters.found[i] = numbers.find(key);
    if (counters.found[i++]) continue;
    const uint64_t epoch = numbers.epoch();
    lock.unlock();
    if (!number_source.next) return Errc::no_numbers;
    QueueOffset end;
    if (ErrorCode error =
            number_source.next(number_source.context, Text(key.topic), key.queue_id, end))
      return error;
    lock.lock();
    numbers.learn(key, end, epoch);
    i = 0;
  }
  return {};
}

ErrorCode CommitLog::State::commit(std::span<EncodedRecord> records, const Put& put,
                                   Counters& counters, PutResult& result) {
  const int64_t now_ms = put.now_ms != 0 ? put.now_ms : clock.now_ms();
  std::unique_lock lock(append_mutex);
  if (ErrorCode error = find_counters(lock, counters)) return error;
  QueueOffset* const next = counters.all.empty() ? nullptr : counters.found[0];
  if (gates.any_closed() && gates.first_closed(result.error_wire_code, result.reason))
    return Errc::gate_closed;
  uint64_t bytes = 0;
  for (size_t i = 0; i < records.size(); i++) {
    if (next)
      records[i].tell_numbers(*next + static_cast<int64_t>(i * put.span), counters.of_streams(i));
    bytes += records[i].size();
  }
  LogOffset place;
  if (ErrorCode error = take_place(bytes, place)) {
    lock.unlock();
    preparer.wake();
    if (sync_flush()) flusher.wake();
    return error;
  }

  stored_ms = std::max(stored_ms, now_ms);
  result.log_begin = place;
  result.stored_ms = stored_ms;
  result.first_queue_offset = next ? *next : QueueOffset(0);
  if (put.number == PutNumber::raw) result.first_queue_offset = put.records[0].queue_offset;
  for (size_t i = 0; i < records.size(); i++) {
    QueueOffset number;
    if (put.number == PutNumber::raw) number = put.records[i].queue_offset;
    if (next) {
      number = *next;
      *next += put.span;
    }
    records[i].stamp(number, place, stored_ms);
    store(place, records[i].parts());
    if (!result.log_offsets.empty()) result.log_offsets[i] = place;
    place += records[i].size();
  }
  if (!put.streams.empty())
    for (QueueOffset* stream : counters.found.subspan(1)) *stream += records.size();
  result.log_end = place;
  stored_to(place, lock);
  return {};
}

// The lines a record will be copied to come from memory while its CRC is made: the locked
// instruction behind the copy would wait for them.
void CommitLog::State::prefetch(uint64_t bytes) const {
  constexpr uint64_t line_bytes = 64;
  constexpr uint64_t bytes_max = 2048;  // what follows comes by itself: it lies in a row
  constexpr uint64_t around_bytes = 256;
  const uint8_t* at = next_store.load(std::memory_order_relaxed);
  if (!at) return;
  const uint8_t* const end = at + std::min(bytes + around_bytes, bytes_max);
  for (; at < end; at += line_bytes) __builtin_prefetch(at, 1);
}

// What was stored ends at `place`: raises the marks, lets go of the lock, calls who waited.
void CommitLog::State::stored_to(LogOffset place, std::unique_lock<std::mutex>& lock) {
  if (sync_flush()) {
    marks.place(Mark::appended, place);
    filling.set_end(place);
  } else {
    marks.place(Mark::written, place);
    next_store.store(tail->data() + tail->position(place), std::memory_order_relaxed);
  }
  lock.unlock();
  if (place.value > prepare_at.load(std::memory_order_relaxed)) preparer.wake();
  marks.settle();
}

// Where `bytes` go; ends the segment with a blank record when they don't fit. Changes nothing when
// there is no space.
ErrorCode CommitLog::State::take_place(uint64_t bytes, LogOffset& place) {
  if (sync_flush() && filling.size() > 0 && filling.size() + bytes > options.staged_bytes_max)
    return Errc::busy;
  const LogOffset end = marks.at(Mark::appended);
  const auto left = tail ? static_cast<uint64_t>(tail->end() - end) : 0;
  const bool roll = tail && bytes + blank_bytes > left;
  place = roll ? tail->end() : end;
  const int64_t needed = place.value + static_cast<int64_t>(bytes);
  if (!tail || needed > prepared.load(std::memory_order_acquire)) {
    prepare_to = needed;
    return Errc::busy;
  }
  if (!roll) return {};

  SegmentRef next = segments.find(place);
  if (left >= blank_bytes) {
    std::array<uint8_t, blank_bytes> blank;
    store_be(blank.data(), static_cast<int32_t>(left));
    store_be(blank.data() + 4, blank_magic);
    const Bytes parts[] = {blank};
    store(end, parts);
  }
  tail = std::move(next);
  return {};
}

void CommitLog::State::store(LogOffset place, std::span<const Bytes> parts) {
  if (sync_flush())
    filling.add(tail, tail->position(place), parts);
  else
    tail->mapping().store(tail->position(place), parts);
}

}  // namespace gantry::commitlog
