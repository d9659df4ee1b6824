// What the preparer does: space ahead of the tail, allocated, in memory and on the device before an
// append needs it; and gantry/recovery from time to time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/logging.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

constexpr uint64_t slice_bytes_min = 65536;

// Writes zeros, in aligned pieces: the page cache keeps a piece as one folio where it can, which
// takes one fault at its first store through the map, and none was mapped when it was synced (that
// would take a fault for each page). Larger pieces save little and make a small flush write more.
ErrorCode warm(const Segment& segment, uint64_t position, uint64_t size) {
  static constexpr uint8_t zeros[1 << 18] = {};
  for (const uint64_t end = position + size; position < end;) {
    const uint64_t piece = std::min(sizeof zeros - position % sizeof zeros, end - position);
    if (ErrorCode error = segment.file().write_at(position, Bytes(zeros, piece))) return error;
    position += piece;
  }
  return {};
}

}  // namespace

// The goal is set once: while records keep coming, each look would move it by a few of them, and
// every step costs a sync.
ErrorCode CommitLog::State::prepare(uint64_t ahead) {
  std::lock_guard lock(prepare_mutex);
  if (failed) return Errc::store_failed;
  const LogOffset end = marks.at(Mark::appended);
  const SegmentRef segment = segments.find(end);
  const LogOffset tail_end =
      segment ? segment->end() : end + static_cast<int64_t>(options.segment_bytes);
  const LogOffset limit = tail_end + static_cast<int64_t>(options.segment_bytes);
  const LogOffset asked(std::max(end.value + static_cast<int64_t>(ahead), prepare_to.load()));
  const LogOffset goal = std::min(asked, limit);
  while (prepared.load() < goal.value) {
    if (ErrorCode error = prepare_slice(goal)) {
      prepare_at = INT64_MAX;  // not again for each append: the next round comes by itself
      return error;
    }
  }
  const auto slack = static_cast<int64_t>(options.warm_ahead_bytes);
  prepare_at = goal == limit ? tail_end.value : prepared.load() - slack;
  return {};
}

ErrorCode CommitLog::State::prepare_slice(LogOffset to) {
  const LogOffset from(prepared.load());
  SegmentRef segment = segments.find(from);
  if (!segment) {
    auto added = segments.add();
    if (!added) {
      if (!std::exchange(prepare_complained, true))
        logging::error("commitlog", "no space ahead of the log: {}", added.error().text);
      return Errc::busy;
    }
    segment = std::move(*added);
    prepare_complained = false;
  }
  const auto slice = static_cast<int64_t>(std::max(options.warm_ahead_bytes / 2, slice_bytes_min));
  const LogOffset end = std::min({to, segment->end(), from + slice});
  const auto size = static_cast<uint64_t>(end - from);
  ErrorCode error = warm(*segment, segment->position(from), size);
  if (!error) error = segment->file().sync_data();
  if (error) {
    fail_store(fmt::format("{}: cannot prepare {} bytes at {}: {}", segment->path(), size,
                           segment->position(from), error.message()));
    return Errc::store_failed;
  }
  {
    std::lock_guard lock(append_mutex);
    if (!tail) tail = segments.find(marks.at(Mark::appended));
  }
  prepared.store(end.value, std::memory_order_release);
  return {};
}

void CommitLog::State::keep_checkpoint() {
  std::lock_guard lock(prepare_mutex);
  const uint64_t due = last_checkpoint_ns + uint64_t{options.checkpoint_interval_ms} * 1'000'000;
  if (failed || clock.now_ns() < due || last_checkpoint == marks.at(Mark::durable)) return;
  last_checkpoint_ns = clock.now_ns();
  if (ErrorCode error = store_checkpoint(false))  // the one before stays good: a longer scan
    logging::warn("commitlog", "{}/recovery: cannot write: {}", control_folder, error.message());
}

ErrorCode CommitLog::State::store_checkpoint(bool clean) {
  Checkpoint checkpoint{.durable = marks.at(Mark::durable), .clean = clean};
  {
    std::lock_guard lock(append_mutex);
    checkpoint.stored_ms = stored_ms;
  }
  if (ErrorCode error = checkpoint.store(file_system, control_folder)) return error;
  last_checkpoint = checkpoint.durable;
  return {};
}

}  // namespace gantry::commitlog
