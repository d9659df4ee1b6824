// A record's way into the index.
#include <bit>

#include "inner.hpp"
#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

gantry_index_entry entry_of(const gantry_message& message) {
  return {message.log_offset, message.tag_code, static_cast<int32_t>(message.record_size), 0};
}

}  // namespace

bool is_folder_name(std::string_view topic) {
  return !topic.empty() && topic.size() <= 255 && topic != "." && topic != ".." &&
         topic.find('/') == topic.npos && topic.find('\0') == topic.npos;
}

std::string queue_name(std::string_view topic, int32_t id) {
  std::string out;
  for (const char c : topic) out += c > ' ' && c < 127 ? c : '?';
  return out + "/" + std::to_string(id);
}

gantry_status StoreFile::consume(const gantry_call&, const gantry_batch& batch,
                                 uint32_t& consumed) {
  consumed = 0;
  const auto* at = reinterpret_cast<const char*>(batch.first);
  int64_t end = consumed_.load(std::memory_order_relaxed);
  int64_t stored_ms = 0;
  const auto taken = [&] {
    if (stored_ms > 0) times_.note(end, stored_ms);
    consumed_.store(end, std::memory_order_release);
  };
  try {
    make_room();
    for (; consumed < batch.count; ++consumed, at += batch.stride) {
      const auto& message = *reinterpret_cast<const gantry_message*>(at);
      if (keys_) keys_->add(message);          // skips by itself what it has
      if (message.log_offset < end) continue;  // a replay of what is indexed
      if (takes_queue_offset(message)) index(message);
      end = message.log_offset + message.record_size;
      stored_ms = message.stored_ms;
    }
  } catch (...) {
    taken();
    throw;
  }
  taken();
  return GANTRY_OK;
}

// A replay outruns persist: then consume itself saves what is stable, which it may, since nobody is
// waiting yet. Later it says BUSY until persist has made room.
void StoreFile::make_room() {
  const auto is_full = [&] {
    const uint64_t keys = keys_ ? keys_->buffered_bytes() : 0;
    return tail_bytes_.load(std::memory_order_relaxed) + keys >= options_.memory_bytes_max;
  };
  if (!is_full()) return;
  if (!live_) {
    const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
    save_all(log.mark(host_.raw(), GANTRY_MARK_STABLE));
  }
  if (!is_full()) return;
  throw sdk::Refusal(GANTRY_BUSY, "memory_bytes_max " + std::to_string(options_.memory_bytes_max) +
                                      " is used up by what waits for persist");
}

void StoreFile::index(const gantry_message& message) {
  const std::string_view topic = sdk::view(message.topic);
  if (message.queue_id < 0 || !is_folder_name(topic) || message.queue_offset > queue_offset_max) {
    note("record " + std::to_string(message.log_offset) + " of " +
         queue_name(topic, message.queue_id) + " has no place in the index");
    return;
  }
  const auto batch = inner_batch(message);
  queues_.find_or_make(topic, message.queue_id, [&](Queue& queue) {
    if (!takes_next(queue, message.queue_offset, message, false)) return;
    const uint64_t before = queue.tail_bytes();
    if (batch && !queue.exists()) queue.batch = std::make_unique<Batch>();
    if (queue.batch) {
      append_batch(queue, {entry_of(message), message.stored_ms, message.queue_offset},
                   batch ? batch->count : 1);
    } else {
      append_plain(queue, entry_of(message), message.queue_offset);
    }
    added(queue, before, message.log_offset);
  });
  for (const LightQueue& light : light_queues(message)) index_light(light, message);
}

// Its name and number come from the record's properties: what is wrong with them is noted, and
// hurts nobody else.
void StoreFile::index_light(const LightQueue& light, const gantry_message& message) {
  if (!is_folder_name(light.name) || light.queue_offset > queue_offset_max) {
    note("record " + std::to_string(message.log_offset) + " names the light queue " +
         queue_name(light.name, 0) + ", which has no place in the index");
    return;
  }
  queues_.find_or_make(light.name, 0, [&](Queue& queue) {
    if (queue.batch || !takes_next(queue, light.queue_offset, message, true)) return;
    const uint64_t before = queue.tail_bytes();
    append_plain(queue, entry_of(message), light.queue_offset);
    added(queue, before, message.log_offset);
  });
}

// Is the number the queue's next one? A gap is the log's error, unless `lenient`, or nothing is
// left before it: who was left behind by a trim goes on where the log does.
bool StoreFile::takes_next(Queue& queue, int64_t offset, const gantry_message& message,
                           bool lenient) {
  if (offset >= 0 && (!queue.exists() || offset == queue.max)) return true;
  if (queue.min == queue.max && offset > queue.max) {
    restart(queue, offset);
    return true;
  }
  const std::string text = "record " + std::to_string(message.log_offset) + " of " +
                           queue_name(queue.topic.name, queue.id) + " has queue offset " +
                           std::to_string(offset) + ", expected " + std::to_string(queue.max);
  if (offset < queue.max || lenient) {
    note(text + ": not indexed");
    return false;
  }
  host_.error(text);
  throw sdk::Refusal(GANTRY_INVALID, text);
}

// The queue has no unit: its next one has this number, and begins a file anew when it is written.
void StoreFile::restart(Queue& queue, int64_t offset) {
  const uint64_t before = queue.tail_bytes();
  queue.min = queue.max = offset;
  if (queue.batch) {
    const int64_t units = files_.batch().file_units();
    queue.batch->first = (queue.batch->tail.end() + units - 1) / units * units;
    queue.batch->tail.restart(queue.batch->first);
  } else {
    queue.tail.restart(offset);
  }
  tail_bytes_.fetch_sub(before - queue.tail_bytes(), std::memory_order_relaxed);
}

// Blank units go before a queue's first unit when it is written.
void StoreFile::append_plain(Queue& queue, const gantry_index_entry& entry, int64_t offset) {
  if (!queue.exists()) {
    queue.min = offset;
    queue.tail.restart(offset);
  }
  queue.tail.append(entry);
  queue.max = offset + 1;
}

void StoreFile::append_batch(Queue& queue, BatchUnit unit, int32_t count) {
  if (!queue.exists()) queue.min = unit.base;
  unit.entry.span = count;
  queue.batch->tail.append(unit);
  queue.max = unit.end();
}

void StoreFile::added(Queue& queue, uint64_t tail_bytes_before, int64_t log_offset) {
  if (queue.units_end() == queue.units_begin() + 1) queue.min_log = log_offset;
  tail_bytes_.fetch_add(queue.tail_bytes() - tail_bytes_before, std::memory_order_relaxed);
  if (queue.listed) return;
  const std::lock_guard lock(unsaved_guard_);
  unsaved_.push_back(&queue);
  queue.listed = true;
}

// A line for the 1st, 2nd, 4th, 8th ... such record: a bad log must not fill the disk with text.
void StoreFile::note(const std::string& text) {
  if (std::has_single_bit(++notes_)) {
    host_.error(text + " (" + std::to_string(notes_) + " so far)");
  }
}

}  // namespace gantry::store_file
