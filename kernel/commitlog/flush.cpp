// What the flusher does: brings appended bytes to the device and raises WRITTEN and DURABLE. One
// error closes the log; nothing is tried again on a descriptor that failed, since the kernel may
// have dropped the pages.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/logging.hpp"
#include "commitlog/scan.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {

ErrorCode CommitLog::State::flush() {
  std::lock_guard lock(flush_mutex);
  if (failed) return Errc::store_failed;
  return sync_flush() ? flush_staged() : flush_mapped();
}

ErrorCode CommitLog::State::flush_mapped() {
  const LogOffset from = marks.at(Mark::durable);
  const LogOffset to = marks.at(Mark::written);
  if (ErrorCode error = sync_segments(from, to)) return error;
  marks.raise(Mark::durable, to);
  return {};
}

// While one flush runs the next group gathers; goes on until nothing is left.
ErrorCode CommitLog::State::flush_staged() {
  for (;;) {
    {
      std::lock_guard lock(append_mutex);
      std::swap(filling, flushing);
    }
    if (flushing.empty()) return {};
    const LogOffset to = flushing.end();
    if (ErrorCode error = write_staged()) return error;
    flushing.clear();
    marks.raise(Mark::written, to);
    if (ErrorCode error = sync_segments(marks.at(Mark::durable), to)) return error;
    marks.raise(Mark::durable, to);
  }
}

ErrorCode CommitLog::State::write_staged() {
  for (const Stage::Run& run : flushing.runs()) {
    if (ErrorCode error = run.segment->file().write_at(run.position, flushing.bytes(run))) {
      fail_store(fmt::format("{}: cannot write {} bytes at {}: {}", run.segment->path(), run.size,
                             run.position, error.message()));
      return Errc::store_failed;
    }
  }
  return {};
}

ErrorCode CommitLog::State::sync_segments(LogOffset from, LogOffset to) {
  while (from < to) {
    const SegmentRef segment = segments.find(from);
    if (ErrorCode error = segment->file().sync_data()) {
      fail_store(fmt::format("{}: cannot sync: {}", segment->path(), error.message()));
      return Errc::store_failed;
    }
    from = segment->end();
  }
  return {};
}

// What recovery found was only read, perhaps from memory. A sync that failed before the process
// ended has left such pages clean and not on the device: a sync alone would pass them over.
Outcome<void> CommitLog::State::rewrite(LogOffset from, LogOffset to) {
  constexpr int64_t piece_bytes = 1 << 18;
  Scan scan(segments);
  std::vector<uint8_t> piece;
  for (LogOffset at = from; at < to;) {
    const SegmentRef segment = segments.find(at);
    const LogOffset end = std::min({at + piece_bytes, segment->end(), to});
    const auto size = static_cast<size_t>(end - at);
    const auto found = scan.bytes(*segment, at, size);
    if (!found) return found.error();
    piece.assign(found->begin(), found->begin() + static_cast<int64_t>(size));
    // From memory of its own: a write from its own page could wait for itself.
    if (ErrorCode error = segment->file().write_at(segment->position(at), piece))
      return fail(fmt::format("{}: cannot write {} bytes at {} again: {}", segment->path(), size,
                              segment->position(at), error.message()));
    at = end;
  }
  if (ErrorCode error = sync_segments(from, to))
    return fail(fmt::format("{}: cannot sync what was found from {} to {}: {}", options.data_dir,
                            from.value, to.value, error.message()));
  return boost::system::in_place_value;
}

void CommitLog::State::fail_store(const std::string& why) {
  if (failed.exchange(true)) return;
  logging::error("commitlog", "{}; nothing more is taken until the node is started again", why);
  gates.close("store_failed", wire_service_not_available, why);
  { std::lock_guard lock(append_mutex); }  // an append that saw the gate open is over
  marks.fail(Errc::store_failed);
}

}  // namespace gantry::commitlog
