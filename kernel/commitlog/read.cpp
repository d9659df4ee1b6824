// Reads: bytes pinned where they lie, never beyond VISIBLE.
#include <algorithm>
#include <utility>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "commitlog/record.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

// What was appended this recently, by this process, is in memory: no need to ask the system.
constexpr int64_t recent_bytes = int64_t{64} << 20;

// Entries whose records lie one behind the other, below `limit`.
struct Run {
  LogOffset end;
  uint32_t count = 0;
};
Run adjacent(std::span<const IndexEntry> entries, LogOffset limit) {
  Run run{LogOffset(entries[0].log_offset)};
  for (const IndexEntry& entry : entries) {
    const LogOffset end = run.end + entry.size;
    if (LogOffset(entry.log_offset) != run.end || entry.size <= 0 || end > limit) break;
    run.end = end;
    run.count++;
  }
  return run;
}

}  // namespace

bool CommitLog::State::resident(const Segment& segment, LogOffset from, LogOffset to) const {
  if (from >= opened_at && marks.at(Mark::written) - from <= recent_bytes) return true;
  return segment.mapping().resident(segment.position(from), static_cast<uint64_t>(to - from));
}

ErrorCode CommitLog::State::make_resident(const Segment& segment, LogOffset from, LogOffset to,
                                          bool may_block) const {
  if (resident(segment, from, to)) return {};
  if (!may_block) return Errc::would_block;
  const ErrorCode error =
      segment.mapping().load(segment.position(from), static_cast<uint64_t>(to - from));
  if (error)
    logging::error("commitlog", "{}: cannot read {} bytes at {}: {}", segment.path(), to - from,
                   segment.position(from), error.message());
  return error;
}

// The first record counts whole, however long it is.
ErrorCode CommitLog::State::make_run_resident(const Segment& segment, LogOffset from, LogOffset to,
                                              bool may_block) const {
  const Bytes rest = segment.bytes(from, segment.end());
  to = std::max(to, std::min(from + record_bytes_min, segment.end()));
  if (ErrorCode error = make_resident(segment, from, to, may_block)) return error;
  if (segment_ends(rest)) return {};
  const LogOffset end = from + load_be<uint32_t>(rest.data());
  if (end <= to || end > segment.end()) return {};
  return make_resident(segment, to, end, may_block);
}

ErrorCode CommitLog::read(LogOffset offset, uint64_t size, bool may_block, Slice& slice) const {
  SegmentRef segment = state_->segments.find(offset);
  if (!segment || size > segment->size()) return Errc::gone;
  const LogOffset end = offset + static_cast<int64_t>(size);
  if (end > segment->end() || end > mark(Mark::visible)) return Errc::gone;
  if (ErrorCode error = state_->make_resident(*segment, offset, end, may_block)) return error;
  slice.bytes = segment->bytes(offset, end);
  slice.owner = std::move(segment).pin();
  return {};
}

ErrorCode CommitLog::read_entries(std::span<const IndexEntry> entries, bool may_block,
                                  std::span<Slice> out, EntriesRead& done) const {
  done = {};
  while (done.covered < entries.size() && done.slices < out.size()) {
    const IndexEntry& first = entries[done.covered];
    if (first.log_offset < 0 || first.size <= 0) return done.covered ? ErrorCode{} : Errc::gone;
    const LogOffset from(first.log_offset);
    const SegmentRef segment = state_->segments.find(from);
    if (!segment) return done.covered ? ErrorCode{} : Errc::gone;
    const LogOffset limit = std::min(segment->end(), mark(Mark::visible));
    Run run = adjacent(entries.subspan(done.covered), limit);
    // The system is asked once for all of them; where something is missing, how far it goes.
    ErrorCode error = run.count > 0 ? ErrorCode{} : Errc::gone;
    if (!state_->resident(*segment, from, run.end)) {
      const uint32_t all = std::exchange(run.count, 0);
      run.end = from;
      while (run.count < all) {
        const LogOffset end = run.end + entries[done.covered + run.count].size;
        error = state_->make_resident(*segment, run.end, end, may_block);
        if (error) break;
        run.end = end;
        run.count++;
      }
    }
    if (run.count == 0) return done.covered ? ErrorCode{} : error;
    out[done.slices++] = {segment->bytes(from, run.end), SegmentRef(segment).pin()};
    done.covered += run.count;
  }
  return {};
}

ErrorCode CommitLog::next_records(LogOffset from, const RunLimits& limits,
                                  std::span<RecordView> views, RecordRun& run) const {
  run = {};
  run.next = from;
  const LogOffset visible = mark(Mark::visible);
  bool whole = true;  // REPLICATED, and so VISIBLE, may stand within a record: that one isn't given
  while (run.next < visible && run.count == 0 && whole && !views.empty()) {
    SegmentRef segment = state_->segments.find(run.next);
    if (!segment) return Errc::gone;
    const LogOffset begin = run.next;
    const auto reach = static_cast<int64_t>(std::min<uint64_t>(limits.bytes_max, segment->size()));
    const LogOffset near = std::min({begin + std::max<int64_t>(reach, 1), segment->end(), visible});
    if (ErrorCode error = state_->make_run_resident(*segment, begin, near, limits.may_block))
      return error;
    while (run.next < visible && run.next < segment->end() && run.count < views.size()) {
      const Bytes rest = segment->bytes(run.next, segment->end());
      if (segment_ends(rest)) {
        whole = segment->end() <= visible;
        if (whole) run.next = segment->end();
        break;
      }
      RecordView& view = views[run.count];
      if (ErrorCode error = decode_record(rest, limits.what, view)) {
        if (run.count == 0) return error;
        break;
      }
      whole = view.record_size <= visible - run.next;
      if (!whole) break;
      if (run.count > 0 && run.next + view.record_size > near) break;
      run.next += view.record_size;
      run.count++;
    }
    if (run.count == 0) continue;
    run.slice.bytes = segment->bytes(begin, views[run.count - 1].log_end());
    run.slice.owner = std::move(segment).pin();
  }
  return {};
}

}  // namespace gantry::commitlog
