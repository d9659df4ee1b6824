// How StoreFile makes its state durable, and takes it back: persist and truncate.
#include <algorithm>

#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {

int64_t StoreFile::persist(const gantry_call&, int64_t stable) {
  return save(stable);
}

// Units, sync, position, sync, and only then is anything in memory counted as stored: a failure on
// the way leaves all of it to be written again, and a crash leaves files that hold at least what
// the position says.
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
    mark_open();
    failed_ = true;
    std::vector<Saved> saved;
    Position reached = stored_;
    reached.log_offset = limit;
    for (Queue* queue : queues) {
      const int64_t end = write_queue(*queue, limit);
      reached.queues += queue->stored == 0 && end > 0;
      reached.units += end - queue->stored;
      saved.push_back({queue, end});
    }
    files_.sync();
    write_position(position_path_, reached);
    failed_ = false;
    stored_ = reached;
    finish(saved);
  } catch (...) {
    keep_unsaved(queues);
    throw;
  }
  shrink();
  return stored_.log_offset;
}

// Says on disk that files may get ahead of the position, before they do.
void StoreFile::mark_open() {
  if (!stored_.closed) return;
  stored_.closed = false;
  write_position(position_path_, stored_);
}

// Writes the queue's units of records that end at or below `limit`; returns what stored may rise
// to. stored is read without the lock: only the holder of disk_guard_ changes it.
int64_t StoreFile::write_queue(Queue& queue, int64_t limit) {
  constexpr int64_t block_units = 2048;  // what one hold of the lock encodes: a few microseconds
  std::vector<uint8_t> block;
  for (int64_t next = queue.stored, reached = next;; reached = next) {
    block.clear();
    {
      const std::lock_guard lock(queue.topic.guard);
      next = std::max(next, queue.min);
      const int64_t end = std::min(queue.max, next + block_units);
      for (int64_t offset = next; offset < end; ++offset) {
        const gantry_index_entry& unit = queue.tail.at(offset);
        if (end_of(unit) > limit) break;
        block.resize(block.size() + unit_bytes);
        encode_unit(unit, &block[block.size() - unit_bytes]);
      }
    }
    if (block.empty()) return reached;
    files_.write(queue, next, block);
    next += static_cast<int64_t>(block.size()) / unit_bytes;
  }
}

void StoreFile::keep_unsaved(const std::vector<Queue*>& queues) {
  const std::lock_guard lock(unsaved_guard_);
  unsaved_.insert(unsaved_.end(), queues.begin(), queues.end());
}

void StoreFile::finish(const std::vector<Saved>& saved) {
  std::vector<Queue*> more;
  for (const auto& [queue, end] : saved) {
    const std::lock_guard lock(queue->topic.guard);
    queue->stored = end;
    trim_tail(*queue, std::min(end, queue->max - options_.recent_units));
    queue->listed = end < queue->max;
    if (queue->listed) more.push_back(queue);
  }
  keep_unsaved(more);
}

// Over three quarters of the memory: quiet queues give up their recent units too.
void StoreFile::shrink() {
  if (tail_bytes_.load(std::memory_order_relaxed) < options_.memory_bytes_max / 4 * 3) return;
  queues_.each([this](Queue& queue) { trim_tail(queue, queue.stored); });
}

void StoreFile::trim_tail(Queue& queue, int64_t keep_from) {
  const uint64_t before = queue.tail.bytes();
  if (keep_from > queue.tail.begin()) queue.tail.drop_below(keep_from);
  tail_bytes_.fetch_sub(before - queue.tail.bytes(), std::memory_order_relaxed);
}

// The queue offset behind the queue's last record below log_offset. Needs no lock while nothing is
// consumed or saved.
int64_t StoreFile::end_below(Queue& queue, int64_t log_offset) {
  int64_t low = queue.min;
  int64_t high = queue.max;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    gantry_index_entry unit{};
    if (middle >= queue.tail.begin()) {
      unit = queue.tail.at(middle);
    } else if (files_.read(queue, middle, {&unit, 1}) != 1) {
      throw sdk::Refusal(GANTRY_FAULT, "no unit " + std::to_string(middle) + " in " +
                                           files_.folder_of(queue).string());
    }
    if (unit.log_offset < log_offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The position falls first: a crash between the two leaves files that hold more than it says, which
// the next start cuts.
void StoreFile::truncate(int64_t log_offset) {
  const std::lock_guard lock(disk_guard_);
  if (log_offset >= consumed_.load(std::memory_order_acquire)) return;
  struct Cut {
    Queue* queue;
    int64_t end;
    int64_t stored;
  };
  std::vector<Cut> cuts;
  Position reached = stored_;
  reached.log_offset = std::min(stored_.log_offset, log_offset);
  reached.closed = false;
  std::vector<Queue*> queues;
  queues_.each([&](Queue& queue) { queues.push_back(&queue); });
  for (Queue* queue : queues) {
    int64_t end = end_below(*queue, log_offset);
    if (end == queue->max) continue;
    if (end == queue->min) end = 0;  // no record of it is left: there is no such queue
    cuts.push_back({queue, end, queue->stored});
    reached.units -= std::max<int64_t>(queue->stored - end, 0);
    reached.queues -= end == 0 && queue->stored > 0;
  }
  if (reached != stored_) write_position(position_path_, reached);
  stored_ = reached;
  for (const Cut& cut : cuts) {
    {
      const std::lock_guard topic(cut.queue->topic.guard);
      const uint64_t before = cut.queue->tail.bytes();
      cut.queue->tail.cut(cut.end);
      tail_bytes_.fetch_sub(before - cut.queue->tail.bytes(), std::memory_order_relaxed);
      cut.queue->max = cut.end;
      cut.queue->min = std::min(cut.queue->min, cut.end);
      cut.queue->stored = std::min(cut.queue->stored, cut.end);
    }
    if (cut.end < cut.stored) files_.erase(*cut.queue, cut.end, cut.stored);
  }
  consumed_.store(log_offset, std::memory_order_release);
  host_.info("the queue index was cut to " + std::to_string(log_offset) + ", " +
             std::to_string(cuts.size()) + " queues lost units");
}

}  // namespace gantry::store_file
