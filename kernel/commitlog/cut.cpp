// What takes bytes away from a log that is open: truncate at its end, trim at its begin.
#include <fmt/format.h>

#include <algorithm>

#include "base/logging.hpp"
#include "commitlog/record.hpp"
#include "commitlog/scan.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

Failure outside(LogOffset end, LogOffset stable, LogOffset appended) {
  return fail(fmt::format("truncate to {}: the log is stable up to {} and ends at {}", end.value,
                          stable.value, appended.value));
}

}  // namespace

Outcome<void> CommitLog::truncate(LogOffset end) {
  State& state = *state_;
  const std::scoped_lock others(state.prepare_mutex, state.flush_mutex);
  if (state.role.load() != Role::follower)
    return fail("only a follower's log is truncated: this node leads");
  const auto take_raw = [&state](bool takes) {
    const std::lock_guard lock(state.append_mutex);
    state.takes_raw = takes && !state.stopping.stop_requested();
  };
  take_raw(false);
  Outcome<void> done = state.cut(end);
  take_raw(true);
  state.preparer.wake();
  return done;
}

// Nothing is appended, flushed or prepared meanwhile. gantry/recovery is told first: a crash from
// then on recovers to what the files hold, and the cut is asked for again.
Outcome<void> CommitLog::State::cut(LogOffset end) {
  if (failed) return fail("the log failed: it is recovered at the next start");
  if (sync_flush()) {
    {
      const std::lock_guard lock(append_mutex);
      std::swap(filling, flushing);
    }
    if (ErrorCode error = write_staged()) return fail(error.message());
    if (!flushing.empty()) marks.raise(Mark::written, flushing.end());
    flushing.clear();
  }
  const LogOffset stable = std::max(marks.at(Mark::stable), segments.begin());
  const LogOffset appended = marks.at(Mark::appended);
  if (end < stable || end > appended) return outside(end, stable, appended);
  if (end == appended) return boost::system::in_place_value;
  const auto fits = record_ends_at(end);
  if (!fits) return fits.error();
  if (!*fits) return fail(fmt::format("truncate to {}: no record begins there", end.value));

  {
    const std::lock_guard lock(append_mutex);
    if (const LogOffset now = marks.at(Mark::stable); end < now)  // REPLICATED rose meanwhile
      return outside(end, now, appended);
    tail = {};
    numbers.forget();
    marks.lower(end);
  }
  marks.fail_cut(end);
  prepared = end.value;
  prepare_to = 0;
  ErrorCode error = store_checkpoint(false);
  Outcome<void> removed = boost::system::in_place_value;
  if (!error) removed = segments.remove_from(segments.find(end)->end());
  if (error || !removed) {
    const std::string why = removed ? error.message() : removed.error().text;
    fail_store(fmt::format("truncate to {}: {}", end.value, why));
    return fail(why);
  }
  return zero_behind(end);
}

// Readers may still hold the segment: it is opened anew for those to come, and changed once the
// others are gone, or the node stops.
Outcome<void> CommitLog::State::zero_behind(LogOffset end) {
  auto released = segments.renew(end);
  if (!released) {
    fail_store(released.error().text);
    return released.error();
  }
  (*released)->wait(stopping.get_token());
  const SegmentRef last = segments.find(end);
  const auto size = static_cast<uint64_t>(last->end() - end);
  ErrorCode error = last->file().zero(last->position(end), size);
  if (!error) error = last->file().sync_data();
  if (!error) return boost::system::in_place_value;
  fail_store(fmt::format("{}: cannot zero {} bytes at {}: {}", last->path(), size,
                         last->position(end), error.message()));
  return fail(error.message());
}

Outcome<bool> CommitLog::State::record_ends_at(LogOffset offset) const {
  if (offset == segments.begin()) return true;
  Scan scan(segments);
  const auto rest = scan.bytes(*segments.find(offset), offset, blank_bytes);
  if (!rest) return rest.error();
  if (segment_ends(*rest)) return true;
  RecordView record;
  const auto error = scan.record(offset, record);
  if (!error) return error.error();
  return !*error;
}

LogOffset CommitLog::trim(LogOffset below) {
  State& state = *state_;
  const LogOffset limit = std::min(below, mark(Mark::stable));
  if (auto removed = state.segments.remove_before(limit); !removed)
    logging::error("commitlog", "trim to {}: {}", limit.value, removed.error().text);
  return state.segments.begin();
}

}  // namespace gantry::commitlog
