// The start of RecordDispatcher: every consumer is brought to the log's end, on the control thread.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/logging.hpp"
#include "dispatch/pauses.hpp"
#include "dispatch/records.hpp"

namespace gantry::dispatch {
namespace {

constexpr uint64_t progress_interval_ns = 1'000'000'000;

}  // namespace

Outcome<void> RecordDispatcher::replay() {
  if (Outcome<void> ordered = order(); !ordered) return ordered.error();
  const int64_t end = visible();
  for (const auto& entry : consumers_) {
    if (Outcome<void> done = replay(*entry, end); !done) return done.error();
  }
  drained_.store(end);
  indexed_.store(end);
  for (const auto& entry : consumers_) {
    if (entry->position == end) entry->consumer->live(end);
  }
  return {};
}

// Where the consumer stands, told what of the log is gone at either end.
Outcome<void> RecordDispatcher::place(Entry& entry, int64_t end) {
  Outcome<int64_t> position = entry.consumer->position();
  if (!position) return position.error();
  if (*position > end) {
    logging::warn("dispatch", "{} stands at {}, the log ends at {}: what is above is forgotten",
                  entry.consumer->name(), *position, end);
    if (Outcome<void> cut = entry.consumer->truncate(end); !cut) return cut.error();
    position = end;
  }
  const int64_t begin = log_.begin().value;
  if (begin > 0) tell_trimmed(entry, begin);
  entry.position = entry.persisted = std::max(*position, begin);
  return {};
}

Outcome<void> RecordDispatcher::replay(Entry& entry, int64_t end) {
  if (Outcome<void> placed = place(entry, end); !placed) return placed.error();
  const int64_t begin = entry.position;
  uint64_t told_ns = runtime_.clock().now_ns();
  while (entry.ready(end)) {
    if (options_.called_off && options_.called_off()) {
      return gantry::fail(fmt::format("the replay of {} is called off at {} of {}: the node is to stop",
                                      entry.consumer->name(), entry.position.load(), end));
    }
    if (Outcome<void> done = replay_run(entry, entry.limit(end)); !done) return done.error();
    const uint64_t now_ns = runtime_.clock().now_ns();
    if (now_ns - told_ns < progress_interval_ns) continue;
    told_ns = now_ns;
    events_.replaying(entry.consumer->name(), entry.position - begin, end - begin);
  }
  return {};
}

// One batch. Nothing else waits for this thread, so a pause is waited out.
Outcome<void> RecordDispatcher::replay_run(Entry& entry, int64_t limit) {
  commitlog::RecordRun run;
  if (const ErrorCode error = read(entry.position, views_, run)) {
    return gantry::fail(fmt::format("the log cannot be read at {} to replay {}: {}",
                                    entry.position.load(), entry.consumer->name(),
                                    error.message()));
  }
  if (run.next.value == entry.position) {
    return gantry::fail(fmt::format("{} cannot be replayed: the log is visible up to {}, within the "
                                    "record at {}",
                                    entry.consumer->name(), limit, run.next.value));
  }
  const auto views = std::span<const commitlog::RecordView>(views_).first(run.count);
  limit = std::min(limit, run.next.value);
  while (entry.ready(limit)) {
    Arena arena;
    CallError error;
    Call call = call_off_shards(arena, error);
    const Status status = entry.feed(call, views, limit);
    if (status == Status::ok) {
      entry.position = limit;
      break;
    }
    const bool ends = entry.attempts + 1 >= options_.attempts_max;
    if (ends && entry.policy.on_fault == OnFault::fail_node) {
      return gantry::fail(reason_of(entry, status, error));
    }
    if (passed_over(entry, status, error, views, limit) || ends) continue;
    std::unique_lock lock(worker_mutex_);
    worker_ready_.wait_for(lock, std::chrono::milliseconds(pause_ms_after(entry.attempts)),
                           [&] { return worker_stop_; });
    entry.state = Entry::State::going;
  }
  return {};
}

}  // namespace gantry::dispatch
