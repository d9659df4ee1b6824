// A reader's way out of the index.
#include <algorithm>
#include <array>

#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

// Copies units of the tail from a number on.
void copy(const Tail<gantry_index_entry>& tail, int64_t from, std::span<gantry_index_entry> out) {
  for (auto& entry : out) entry = tail.at(from++);
}

void copy(const Tail<BatchUnit>& tail, int64_t from, std::span<gantry_index_entry> out) {
  for (auto& entry : out) entry = tail.at(from++).entry;
}

// The number in [begin, end) of the last unit that begins at or below a queue offset; the first
// one's does. base(number): nothing when it can't be had, and then nothing comes back.
template <class Base>
std::optional<int64_t> unit_with(int64_t offset, int64_t begin, int64_t end, Base&& base) {
  while (end - begin > 1) {
    const int64_t middle = begin + (end - begin) / 2;
    const std::optional<int64_t> at = base(middle);
    if (!at) return std::nullopt;
    (*at <= offset ? begin : end) = middle;
  }
  return begin;
}

}  // namespace

gantry_status StoreFile::bounds(const gantry_call*, gantry_str topic, int32_t queue_id,
                                gantry_queue_bounds& out) {
  return queues_.find(sdk::view(topic), queue_id, [&](const Queue* queue) {
    out = queue ? gantry_queue_bounds{queue->min, queue->max} : gantry_queue_bounds{0, 0};
    return out.max > 0 ? GANTRY_OK : GANTRY_GONE;
  });
}

gantry_status StoreFile::read(const gantry_call*, gantry_str topic, int32_t queue_id,
                              bool may_block, int64_t from, gantry_index_entry* entries,
                              uint32_t capacity, uint32_t& count) {
  count = 0;
  const std::span out(entries, capacity);
  const auto wait = may_block ? QueueFiles::Wait::yes : QueueFiles::Wait::no;
  for (;;) {
    const uint64_t cuts = cut_count_.load(std::memory_order_acquire);
    Run run;
    const gantry_status status = queues_.find(sdk::view(topic), queue_id, [&](Queue* queue) {
      return read_memory(queue, from, out, run, count);
    });
    if (status != GANTRY_WOULD_BLOCK) return status;
    count = read_files(run, wait, from, out);
    const std::lock_guard lock(run.queue->topic.guard);
    if (cut_count_.load(std::memory_order_acquire) != cuts) continue;  // what was read may be old
    if (from < run.queue->min) {
      count = 0;
      return GANTRY_GONE;
    }
    if (count > 0) return GANTRY_OK;
    if (!may_block) return GANTRY_WOULD_BLOCK;
    throw sdk::Refusal(GANTRY_FAULT, "no unit for queue offset " + std::to_string(from) + " in " +
                                         files_.folder_of(*run.queue).string() +
                                         ", which should have " + std::to_string(run.queue->min) +
                                         " to " + std::to_string(run.queue->max));
  }
}

gantry_status StoreFile::find(const gantry_call*, const gantry_key_query& query,
                              gantry_key_hits& hits) {
  if (!keys_) throw sdk::Refusal(GANTRY_REFUSED, "key_index is off: records have no index by key");
  keys_->find(query, hits);
  return GANTRY_OK;
}

// What memory has. WOULD_BLOCK: the files have it, `run` says where. Under the queue's lock.
gantry_status StoreFile::read_memory(Queue* queue, int64_t from, std::span<gantry_index_entry> out,
                                     Run& run, uint32_t& count) {
  if (!queue || !queue->exists() || from < queue->min) return GANTRY_GONE;
  if (from >= queue->max || out.empty()) return GANTRY_OK;
  const auto copied = [&](const auto& tail, int64_t number) {
    count = static_cast<uint32_t>(std::min(static_cast<int64_t>(out.size()), tail.end() - number));
    copy(tail, number, out.first(count));
    return GANTRY_OK;
  };
  run = {queue, queue->units_begin(), queue->tail_begin(), queue->batch != nullptr};
  if (!queue->batch) {
    if (from >= queue->tail.begin()) return copied(queue->tail, from);
    run.begin = from;
    return GANTRY_WOULD_BLOCK;
  }
  const Tail<BatchUnit>& tail = queue->batch->tail;
  if (tail.empty() || from < tail.at(tail.begin()).base) return GANTRY_WOULD_BLOCK;
  return copied(tail, *unit_with(from, tail.begin(), tail.end(), [&](int64_t number) {
                  return std::optional(tail.at(number).base);
                }));
}

// Units from the run's begin on; of inner batches from the one on that `from` lies in.
uint32_t StoreFile::read_files(const Run& run, QueueFiles::Wait wait, int64_t from,
                               std::span<gantry_index_entry> out) {
  constexpr size_t block_units = 512;
  std::array<uint8_t, block_units * batch_unit_bytes> block;
  const auto each = static_cast<size_t>(run.batch ? batch_unit_bytes : unit_bytes);
  int64_t number = run.begin;
  if (run.batch) {
    const auto found = unit_with(from, run.begin, run.end, [&](int64_t middle) {
      const bool there = files_.read(*run.queue, middle, std::span(block).first(each), wait) == 1;
      const BatchUnit unit = there ? decode_batch_unit(block.data()) : BatchUnit{};
      return is_unit(unit) ? std::optional(unit.base) : std::nullopt;
    });
    if (!found) return 0;
    number = *found;
  }
  const size_t most = std::min(out.size(), static_cast<size_t>(run.end - number));
  uint32_t done = 0;
  while (done < most) {
    const size_t wanted = std::min(most - done, block_units);
    const auto bytes = std::span(block).first(wanted * each);
    const size_t got = files_.read(*run.queue, number + done, bytes, wait);
    for (size_t i = 0; i < got; ++i, ++done) {
      const uint8_t* at = &block[i * each];
      out[done] = run.batch ? decode_batch_unit(at).entry : decode_unit(at);
      if (!is_unit(out[done])) return done;
    }
    if (got < wanted) break;
  }
  return done;
}

}  // namespace gantry::store_file
