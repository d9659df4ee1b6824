// How the index becomes durable.
#include <algorithm>

#include "loader.hpp"
#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

// What the table says of a queue: its units as written, of which the caller has made sure.
StoredQueue line_of(const Queue& queue) {
  const int64_t max = queue.written_max();
  const int64_t begin = std::min(queue.units_begin(), queue.written);
  return {.topic = queue.topic.name,
          .id = queue.id,
          .batch = queue.batch != nullptr,
          .min = std::min(queue.min, max),
          .max = max,
          .min_log = queue.min_log,
          .first = begin,
          .end = queue.written};
}

}  // namespace

int64_t StoreFile::persist(const gantry_call&, int64_t stable) {
  return save_all(stable);
}

// The two parts have a place each: what one of them has already, the replay leaves out there.
int64_t StoreFile::save_all(int64_t stable) {
  int64_t saved = save(stable);
  if (keys_) saved = std::min(saved, keys_->save(stable));
  const std::lock_guard lock(disk_guard_);
  const int64_t stored_ms = times_.at(saved);
  const int64_t full_keys_ms = keys_ ? keys_->full_until_ms() : 0;
  if (stored_ms > 0) broker_files_.renew_checkpoint(saved, stored_ms, full_keys_ms);
  return saved;
}

// Units, sync, table, sync, and only then is anything in memory counted as stored: a failure on the
// way leaves all of it to be written again, and a crash leaves files that hold at least what the
// table says. What they hold beyond it are units of stable records: the replay writes the same.
int64_t StoreFile::save(int64_t stable) {
  const std::lock_guard lock(disk_guard_);
  // Read before the queues: every record below it has its unit in a queue by now.
  const int64_t limit = std::min(stable, consumed_.load(std::memory_order_acquire));
  if (limit <= stored_.log_offset) return stored_.log_offset;
  std::vector<Queue*> queues;
  {
    const std::lock_guard unsaved(unsaved_guard_);
    queues.swap(unsaved_);
  }
  try {
    withdraw_promise();
    erase_cuts();
    for (Queue* queue : queues) write_queue(*queue, limit);
    files_.sync();
    TableHead head = stored_;
    head.log_offset = limit;
    write_table(head, queues);
    stored_ = head;
  } catch (...) {
    take_back(queues);
    throw;
  }
  finish(queues);
  shrink();
  return stored_.log_offset;
}

// A table that was written but not synced is read by a process that starts before the power goes,
// and it promises units in files that are about to be made anew: first it says again what holds.
void StoreFile::withdraw_promise() {
  if (!promised_in_vain_) return;
  write_whole_table(stored_);
  promised_in_vain_ = false;
}

// Writes the queue's units of records that end at or below `limit`.
void StoreFile::write_queue(Queue& queue, int64_t limit) {
  std::vector<uint8_t> block;
  for (;;) {
    block.clear();
    int64_t from = 0;
    int64_t count = 0;
    {
      const std::lock_guard lock(queue.topic.guard);
      from = std::max(queue.written, queue.units_begin());
      count = queue.batch ? encode_units(queue.batch->tail, from, limit, block)
                          : encode_units(queue.tail, from, limit, block);
    }
    if (count == 0) return;
    // Between what is written and this there may be nothing but units the log has given up.
    files_.write(queue, from, block, queue.written == 0 || from > queue.written);
    const std::lock_guard lock(queue.topic.guard);
    queue.written = from + count;
    if (queue.batch) queue.batch->written_max = queue.batch->tail.at(queue.written - 1).end();
  }
}

// Returns how many; no more than what one hold of the lock may encode: a few microseconds.
template <class Unit>
int64_t StoreFile::encode_units(const Tail<Unit>& tail, int64_t from, int64_t limit,
                                std::vector<uint8_t>& block) {
  constexpr int64_t block_units = 2048;
  constexpr auto bytes = std::is_same_v<Unit, BatchUnit> ? batch_unit_bytes : unit_bytes;
  const int64_t end = std::min(tail.end(), from + block_units);
  int64_t at = from;
  for (; at < end && end_of(tail.at(at)) <= limit; ++at) {
    block.resize(block.size() + bytes);
    encode_unit(tail.at(at), &block[block.size() - bytes]);
  }
  return at - from;
}

// changed: queues that may have units since the last entry.
void StoreFile::write_table(const TableHead& head, const std::vector<Queue*>& changed) {
  if (!bounds_.appendable()) return write_whole_table(head);
  BoundsTable::Lines lines;
  for (Queue* queue : changed) {
    const std::lock_guard lock(queue->topic.guard);
    if (queue->written > 0) lines.add(line_of(*queue));
  }
  bounds_.append(head, lines);
}

void StoreFile::write_whole_table(const TableHead& head) {
  BoundsTable::Lines lines;
  queues_.each([&](const Queue& queue) {
    if (queue.written > 0) lines.add(line_of(queue));
  });
  bounds_.replace(head, lines);
  Position position = fingerprint(queues_);
  position.log_offset = head.log_offset;
  position.file_bytes = head.file_bytes;
  position.batch_file_bytes = head.batch_file_bytes;
  write_position(disk_, folder_ / "position", position);
}

void StoreFile::take_back(const std::vector<Queue*>& queues) {
  promised_in_vain_ = true;
  files_.abandon();
  for (Queue* queue : queues) {
    queue->written = queue->stored;
    if (queue->batch) queue->batch->written_max = queue->batch->stored_max;
  }
  const std::lock_guard lock(unsaved_guard_);
  unsaved_.insert(unsaved_.end(), queues.begin(), queues.end());
}

void StoreFile::finish(const std::vector<Queue*>& saved) {
  std::vector<Queue*> more;
  std::vector<Queue*> restarted;
  for (Queue* queue : saved) {
    const std::lock_guard lock(queue->topic.guard);
    const bool began_anew = queue->stored > 0 && queue->stored < queue->units_begin();
    if (began_anew && queue->written > queue->stored) restarted.push_back(queue);
    queue->stored = queue->written;
    if (queue->batch) queue->batch->stored_max = queue->batch->written_max;
    drop_tail(*queue, std::min(queue->stored, queue->units_end() - options_.recent_units));
    queue->listed = queue->stored < queue->units_end();
    if (queue->listed) more.push_back(queue);
  }
  {
    const std::lock_guard lock(unsaved_guard_);
    unsaved_.insert(unsaved_.end(), more.begin(), more.end());
  }
  for (Queue* queue : restarted) {
    files_.remove_below(*queue, queue->units_begin(), queue->stored - 1);
  }
}

// Over three quarters of the memory: quiet queues give up their recent units too.
void StoreFile::shrink() {
  if (tail_bytes_.load(std::memory_order_relaxed) < options_.memory_bytes_max / 4 * 3) return;
  queues_.each([this](Queue& queue) { drop_tail(queue, queue.stored); });
}

void StoreFile::drop_tail(Queue& queue, int64_t keep_from) {
  const uint64_t before = queue.tail_bytes();
  if (keep_from <= queue.tail_begin()) return;
  if (queue.batch) {
    queue.batch->tail.drop_below(keep_from);
  } else {
    queue.tail.drop_below(keep_from);
  }
  tail_bytes_.fetch_sub(before - queue.tail_bytes(), std::memory_order_relaxed);
}

}  // namespace gantry::store_file
