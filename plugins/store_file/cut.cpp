// What the log gives up: at its end, where units are taken back, and at its begin.
#include <algorithm>
#include <array>
#include <exception>

#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {

// An ordinary unit as one of a batch: its number is its queue offset. Nothing where none can be
// read. Reads the files without the queue's lock.
std::optional<BatchUnit> StoreFile::unit_at(Queue& queue, int64_t number) {
  std::array<uint8_t, batch_unit_bytes> bytes;
  bool batch = false;
  {
    const std::lock_guard lock(queue.topic.guard);
    batch = queue.batch != nullptr;
    if (number < queue.units_begin() || number >= queue.units_end()) return std::nullopt;
    if (number >= queue.tail_begin()) {
      if (batch) return queue.batch->tail.at(number);
      return BatchUnit{queue.tail.at(number), 0, number};
    }
  }
  const auto wanted = static_cast<size_t>(batch ? batch_unit_bytes : unit_bytes);
  const auto out = std::span(bytes).first(wanted);
  if (files_.read(queue, number, out, QueueFiles::Wait::yes) != 1) return std::nullopt;
  const BatchUnit unit =
      batch ? decode_batch_unit(bytes.data()) : BatchUnit{decode_unit(bytes.data()), 0, number};
  if (!is_unit(unit.entry)) return std::nullopt;
  return unit;
}

void StoreFile::no_unit(const Queue& queue, int64_t number) {
  throw sdk::Refusal(GANTRY_FAULT, "no unit " + std::to_string(number) + " in " +
                                       files_.folder_of(queue).string());
}

// The number of the queue's first unit of a record at or above log_offset.
int64_t StoreFile::first_at(Queue& queue, int64_t log_offset) {
  int64_t low = queue.units_begin();
  int64_t high = queue.units_end();
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const auto unit = unit_at(queue, middle);
    if (!unit) no_unit(queue, middle);
    if (unit->entry.log_offset < log_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Memory first, then the promise falls, then the files are cut: a crash between the last two leaves
// files that hold more than is promised, and the table says so.
void StoreFile::truncate(int64_t log_offset) {
  if (keys_) keys_->truncate(log_offset);
  const std::lock_guard lock(disk_guard_);
  if (log_offset >= consumed_.load(std::memory_order_acquire)) return;
  std::vector<std::pair<Queue*, int64_t>> shorter;
  std::vector<Queue*> queues;
  queues_.each([&](Queue& queue) {
    if (queue.exists()) queues.push_back(&queue);
  });
  for (Queue* queue : queues) {
    const int64_t end = first_at(*queue, log_offset);
    if (end < queue->units_end()) shorter.emplace_back(queue, end);
  }
  for (const auto& [queue, end] : shorter) cut_queue(*queue, end);
  cut_count_.fetch_add(1, std::memory_order_release);
  consumed_.store(log_offset, std::memory_order_release);
  times_.restart();
  stored_.log_offset = std::min(stored_.log_offset, log_offset);
  stored_.cutting = !cuts_.empty();
  write_whole_table(stored_);
  erase_cuts();
  host_.info("the queue index was cut to " + std::to_string(log_offset) + ", " +
             std::to_string(shorter.size()) + " queues lost units");
}

// Forgets the queue's units from a number on; without any left there is no such queue, unless what
// it had before was trimmed: then its numbers go on.
void StoreFile::cut_queue(Queue& queue, int64_t end) {
  const bool none_left = end == queue.units_begin();
  const bool gone = none_left && (queue.stored == 0 || queue.stored > end);
  int64_t max = queue.batch && none_left ? queue.min : end;
  if (queue.batch && !none_left) {
    const auto last = unit_at(queue, end - 1);
    if (!last) no_unit(queue, end - 1);
    max = last->end();
  }
  if (end < queue.stored) {
    cuts_.push_back({&queue, gone ? 0 : end, queue.batch != nullptr});
  }
  const std::lock_guard lock(queue.topic.guard);
  const uint64_t before = queue.tail_bytes();
  if (queue.batch) {
    queue.batch->tail.cut(end);
    queue.batch->stored_max = std::min(queue.batch->stored_max, max);
  } else {
    queue.tail.cut(end);
  }
  queue.max = max;
  queue.stored = std::min(queue.stored, end);
  if (gone) {
    queue.min = queue.max = queue.min_log = queue.stored = 0;
    queue.tail.restart(0);
    queue.batch.reset();
  }
  queue.written = queue.stored;
  if (queue.batch) queue.batch->written_max = queue.batch->stored_max;
  tail_bytes_.fetch_sub(before - queue.tail_bytes(), std::memory_order_relaxed);
}

// Under the disk lock, before anything else is written behind a cut.
void StoreFile::erase_cuts() {
  for (; !cuts_.empty(); cuts_.pop_back()) {
    const Cut& cut = cuts_.back();
    files_.erase(*cut.queue, cut.batch ? files_.batch() : files_.plain(), cut.begin);
  }
  stored_.cutting = false;
}

// The table goes first: a crash before the files are removed leaves some that nobody looks at.
void StoreFile::trimmed(const gantry_call&, int64_t min_log_offset) {
  if (keys_) keys_->trimmed(min_log_offset);
  const std::lock_guard lock(disk_guard_);
  raise_minimums(min_log_offset);
}

void StoreFile::raise_minimums(int64_t min_log_offset) {
  std::vector<Queue*> raised;
  std::vector<Queue*> candidates;
  queues_.each([&](Queue& queue) {
    if (queue.min < queue.max && queue.min_log < min_log_offset) candidates.push_back(&queue);
  });
  std::exception_ptr unread;  // one queue's units can't be read: the others don't wait for it
  for (Queue* queue : candidates) {
    try {
      if (raise_minimum(*queue, min_log_offset)) raised.push_back(queue);
    } catch (const sdk::Refusal&) {
      unread = std::current_exception();
    }
  }
  if (!raised.empty()) write_table(stored_, raised);
  for (Queue* queue : raised) {
    if (queue->stored > 0) files_.remove_below(*queue, queue->units_begin(), queue->stored - 1);
  }
  if (unread) std::rethrow_exception(unread);
}

// A consumer that was left behind may have units that were never written: they go with the rest.
bool StoreFile::raise_minimum(Queue& queue, int64_t min_log_offset) {
  const int64_t first = first_at(queue, min_log_offset);
  if (first <= queue.units_begin()) return false;
  const auto unit = unit_at(queue, first);
  const std::lock_guard lock(queue.topic.guard);
  if (!unit && first < queue.units_end()) return false;  // it came just now: the next time
  if (queue.batch) queue.batch->first = first;
  queue.min = unit ? unit->base : queue.max;
  queue.min_log = unit ? unit->entry.log_offset : min_log_offset;
  return true;
}

}  // namespace gantry::store_file
