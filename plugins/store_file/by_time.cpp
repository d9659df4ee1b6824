// From a store time to a queue offset.
#include "store_file.hpp"
#include "unit.hpp"

namespace gantry::store_file {

// When the unit's record was stored; nothing when the log doesn't hold it any more.
std::optional<int64_t> StoreFile::stored_ms(const BatchUnit& unit, bool batch) {
  if (batch) return unit.stored_ms;
  const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
  const auto& buffers = host_.service<gantry_buffers>(GANTRY_HOST_BUFFERS);
  gantry_slice record{};
  const gantry_status read = log.read(host_.raw(), unit.entry.log_offset,
                                      static_cast<uint64_t>(unit.entry.size), 1, &record);
  if (read == GANTRY_GONE) return std::nullopt;
  if (read == GANTRY_OK) {
    gantry_message message{};
    message.struct_size = sizeof message;
    const gantry_status decoded = log.decode(host_.raw(), {record.data, record.size}, 0, &message);
    const int64_t out = message.stored_ms;
    buffers.release(host_.raw(), record.buffer);
    if (decoded == GANTRY_OK) return out;
  }
  throw sdk::Refusal(GANTRY_FAULT, "no record can be read at " +
                                       std::to_string(unit.entry.log_offset) + " of the log");
}

// Times rise with the units, so the last unit before `time_ms` (upper: at or before it) and the one
// behind it are all there is to find.
gantry_status StoreFile::at_time(const gantry_call&, gantry_str topic, int32_t queue_id, bool upper,
                                 int64_t time_ms, int64_t& queue_offset) {
  for (;;) {
    const uint64_t cuts = cut_count_.load(std::memory_order_acquire);
    Run run;
    gantry_queue_bounds known{};
    queues_.find(sdk::view(topic), queue_id, [&](Queue* queue) {
      if (!queue || !queue->exists()) return;
      run = {queue, queue->units_begin(), queue->units_end(), queue->batch != nullptr};
      known = {queue->min, queue->max};
    });
    if (!run.queue) return GANTRY_GONE;
    std::optional<int64_t> before;  // queue offset of the last unit on the early side
    int64_t behind = known.max;     // and of the first on the other
    while (run.begin < run.end) {
      const int64_t middle = run.begin + (run.end - run.begin) / 2;
      const auto unit = unit_at(*run.queue, middle);
      if (!unit) break;
      const auto stored = stored_ms(*unit, run.batch);
      if (stored && (upper ? *stored > time_ms : *stored >= time_ms)) {
        run.end = middle;
        behind = unit->base;
        continue;
      }
      run.begin = middle + 1;
      if (stored) before = unit->base;
    }
    if (cut_count_.load(std::memory_order_acquire) != cuts) continue;
    if (run.begin < run.end) no_unit(*run.queue, run.begin);
    const bool last_batch = run.batch && behind == known.max;  // as RocketMQ has it
    queue_offset = upper        ? before.value_or(known.min)
                   : last_batch ? before.value_or(behind)
                                : behind;
    return GANTRY_OK;
  }
}

}  // namespace gantry::store_file
