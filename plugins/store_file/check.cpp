#include "check.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "inner.hpp"
#include "keys/key_settings.hpp"
#include "loader.hpp"
#include "store_file.hpp"

namespace gantry::store_file {

StoreCheck::StoreCheck(const gantry_check_sink& sink, QueueFiles& files, QueueTable& queues,
                       std::unique_ptr<KeyCheck> keys)
    : sink_(sink), files_(files), queues_(queues), keys_(std::move(keys)) {}

void StoreCheck::find(const std::string& text) const {
  sink_.finding(sink_.context, sdk::str(text));
}

// As a start finds the queues. Without a promise there is nothing to compare: the index is made
// anew.
int64_t StoreCheck::open(Disk& disk, const BoundsTable& bounds,
                         const std::filesystem::path& position) {
  const auto head = bounds.load([&](const StoredQueue& line) { restore(line, queues_); });
  const auto known = read_position(disk, position);
  if (head) {
    covered_ = head->log_offset;
    if (const auto missing = miss_files(disk, files_, queues_)) find(*missing);
  } else if (known) {
    find(bounds.path().string() + " is missing or damaged");
    if (const auto reason = walk_files(*known, disk, files_, queues_)) find(*reason);
    covered_ = known->log_offset;
  } else if (disk.exists(bounds.path()) || disk.exists(position)) {
    find(bounds.path().string() + " and " + position.string() + " are damaged");
  }
  return keys_ ? std::min(covered_, keys_->open()) : covered_;
}

void StoreCheck::check(const gantry_message& message) {
  if (log_begin_ < 0) log_begin_ = message.log_offset;
  if (keys_) keys_->check(message);
  if (message.log_offset + message.record_size > covered_ || !takes_queue_offset(message)) return;
  const std::string topic(sdk::view(message.topic));
  if (message.queue_id < 0 || !is_folder_name(topic)) return;
  check_queue(topic, message.queue_id, message.queue_offset, false, message);
  for (const LightQueue& light : light_queues(message)) {
    if (!is_folder_name(light.name)) continue;
    check_queue(std::string(light.name), 0, light.queue_offset, true, message);
  }
}

// What the log repeats, or a light queue skips, is not indexed: that is the log's own trouble.
void StoreCheck::check_queue(const std::string& topic, int32_t id, int64_t offset, bool light,
                             const gantry_message& message) {
  const std::string where = "record " + std::to_string(message.log_offset) + " of " +
                            queue_name(topic, id) + ", queue offset " + std::to_string(offset);
  Queue* queue = queues_.find(topic, id, [](Queue* known) { return known; });
  if (!queue || !queue->exists()) return find(where + ", has no queue in the index");
  if (light && queue->batch) return;  // not indexed either
  Next* next = next_of(*queue, offset, message);
  if (!next || offset < next->offset) return;
  if (offset > next->offset) {
    if (light) return;
    find(where + ", is not the queue's next one, " + std::to_string(next->offset));
    next->unit += offset - next->offset;
  }
  check_unit(*queue, *next, offset, message);
}

// Where the queue's first record of the log is: what lies below belongs to records it gave up.
StoreCheck::Next* StoreCheck::next_of(Queue& queue, int64_t offset, const gantry_message& message) {
  const auto known = next_.find(&queue);
  if (known != next_.end()) return &known->second;
  int64_t number = queue.units_begin();
  if (!queue.batch) number = std::max(number, offset);
  while (queue.batch && number < queue.stored && unit(queue, number).base < offset) ++number;
  if (offset < queue.min) {
    find("record " + std::to_string(message.log_offset) + " of " +
         queue_name(queue.topic.name, queue.id) + " lies below the queue's minimum " +
         std::to_string(queue.min));
    return nullptr;
  }
  if (number > queue.units_begin() && unit(queue, number - 1).entry.log_offset >= log_begin_) {
    find(queue_name(queue.topic.name, queue.id) + " has units before queue offset " +
         std::to_string(offset) + ", its first one in the log");
  }
  return &next_.emplace(&queue, Next{number, offset}).first->second;
}

void StoreCheck::check_unit(Queue& queue, Next& next, int64_t offset,
                            const gantry_message& message) {
  const auto inner = queue.batch ? inner_batch(message) : std::nullopt;
  const int32_t span = inner ? inner->count : 1;
  const BatchUnit found = unit(queue, next.unit);
  const gantry_index_entry& entry = found.entry;
  const bool same = entry.log_offset == message.log_offset &&
                    entry.size == static_cast<int32_t>(message.record_size) &&
                    (entry.code == message.tag_code ||
                     (message.flags & GANTRY_MSG_CODE_UNKNOWN) != 0);
  const bool same_batch = !queue.batch || (found.base == offset && entry.span == span &&
                                           found.stored_ms == message.stored_ms);
  if (!same || !same_batch) {
    find("unit " + std::to_string(next.unit) + " of " + queue_name(queue.topic.name, queue.id) +
         " tells of log offset " + std::to_string(entry.log_offset) + ", size " +
         std::to_string(entry.size) + ", code " + std::to_string(entry.code) +
         "; the record is at " + std::to_string(message.log_offset) + ", size " +
         std::to_string(message.record_size) + ", code " + std::to_string(message.tag_code));
  }
  ++entries_;
  ++next.unit;
  next.offset = offset + span;
}

// Nothing where the files end.
BatchUnit StoreCheck::unit(const Queue& queue, int64_t number) {
  std::array<uint8_t, batch_unit_bytes> bytes{};
  const auto size = static_cast<size_t>(queue.batch ? batch_unit_bytes : unit_bytes);
  if (number >= queue.stored) return {{-1, 0, 0, 0}};
  if (files_.read(queue, number, std::span(bytes).first(size), QueueFiles::Wait::yes) != 1) {
    return {{-1, 0, 0, 0}};
  }
  return queue.batch ? decode_batch_unit(bytes.data()) : BatchUnit{decode_unit(bytes.data())};
}

void StoreCheck::close(int64_t log_begin, gantry_check_counts& counts) {
  std::vector<Queue*> queues;
  queues_.each([&](Queue& queue) {
    if (queue.exists()) queues.push_back(&queue);
  });
  for (Queue* queue : queues) {
    const auto known = next_.find(queue);
    const int64_t end = known == next_.end() ? queue->units_begin() : known->second.unit;
    if (end == queue->stored) continue;
    // Units of records that the log has given up may still be there.
    const int64_t last = unit(*queue, queue->stored - 1).entry.log_offset;
    if (end < queue->stored && known == next_.end() && last >= 0 && last < log_begin) continue;
    find(queue_name(queue->topic.name, queue->id) + " has units up to " +
         std::to_string(queue->stored) + ", the log's records end at " + std::to_string(end));
  }
  counts.queues = queues.size();
  counts.entries = entries_;
  counts.keys = keys_ ? keys_->close(log_begin) : 0;
}

int64_t StoreFile::open_check(const gantry_check_sink& sink) {
  std::unique_ptr<KeyCheck> keys;
  if (host_.setting_bool("key_index")) {
    keys = std::make_unique<KeyCheck>(disk_, key_options(host_), [&sink](const std::string& text) {
      sink.finding(sink.context, sdk::str(text));
    });
  }
  check_ = std::make_unique<StoreCheck>(sink, files_, queues_, std::move(keys));
  return check_->open(disk_, bounds_, folder_ / "position");
}

void StoreFile::check(const gantry_batch& batch) {
  const auto* at = reinterpret_cast<const char*>(batch.first);
  for (uint32_t i = 0; i < batch.count; ++i, at += batch.stride) {
    check_->check(*reinterpret_cast<const gantry_message*>(at));
  }
}

void StoreFile::close_check(int64_t log_begin, int64_t, gantry_check_counts& counts) {
  check_->close(log_begin, counts);
  check_.reset();
}

}  // namespace gantry::store_file
