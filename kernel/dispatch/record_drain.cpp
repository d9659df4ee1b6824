// The inline half of RecordDispatcher: drains, on shards.
#include <fmt/format.h>

#include <algorithm>

#include "base/logging.hpp"
#include "dispatch/pauses.hpp"
#include "dispatch/records.hpp"

namespace gantry::dispatch {

void RecordDispatcher::post_drain() {
  if (posted_.exchange(true)) return;
  shards_[0]->shard->post({[](void* at) {
                             auto& on = *static_cast<PerShard*>(at);
                             on.owner->posted_.store(false);
                             on.owner->drain(on);
                           },
                           shards_[0].get()});
}

void RecordDispatcher::run_drain(void* at) {
  auto& on = *static_cast<PerShard*>(at);
  on.due = false;
  on.appends = 0;
  on.owner->drain(on);
}

bool RecordDispatcher::wants_drain() const {
  return running() && !failed_.load() && !held_.load() &&
         (drained_.load() < visible() || retry_due_.load());
}

void RecordDispatcher::drain(PerShard& on) {
  while (wants_drain()) {
    if (!drain_mutex_.try_lock()) return;  // its holder looks again before it leaves
    drain_locked(on);
    drain_mutex_.unlock();
  }
}

void RecordDispatcher::drain_locked(PerShard& on) {
  if (retry_due_.exchange(false)) {
    for (Entry* entry : inline_) {
      if (entry->retry_due.exchange(false)) entry->state = Entry::State::going;
    }
  }
  while (running() && !failed_.load() && !held_.load()) {
    const int64_t end = visible();
    const int64_t from = least_ready(end);
    commitlog::RecordRun run;
    run.next = LogOffset(from);
    const ErrorCode error = from < end ? read(from, views_, run) : ErrorCode();
    if (error) {
      fail(fmt::format("the log cannot be read at {}: {}", from, error.message()));
      break;
    }
    if (run.next.value == from) {  // VISIBLE stands there, or within the record that begins there
      tell_indexed(on, end);
      drained_.store(end);
      break;
    }
    feed_inline(on, from, run);
  }
  if (worker_follows_inline_ || lead_waits_.load()) tell_worker();
}

// Where the next records are wanted; `end` if nobody can go on.
int64_t RecordDispatcher::least_ready(int64_t end) const {
  int64_t least = end;
  for (const Entry* entry : inline_) {
    if (entry->ready(end)) least = std::min(least, entry->position.load());
  }
  return least;
}

void RecordDispatcher::feed_inline(PerShard& on, int64_t from, const commitlog::RecordRun& run) {
  const auto views = std::span<const commitlog::RecordView>(views_).first(run.count);
  bool told = false;
  for (Entry* entry : inline_) {
    if (!entry->first_stage && !told) {
      told = true;
      tell_indexed(on, run.next.value);
    }
    if (entry->position >= from) feed_inline(on, *entry, views, run.next.value);
  }
  if (!told) tell_indexed(on, run.next.value);
}

void RecordDispatcher::feed_inline(PerShard& on, Entry& entry,
                                   std::span<const commitlog::RecordView> views, int64_t end) {
  while (entry.ready(end)) {
    const int64_t limit = entry.limit(end);
    on.arena.reset();
    CallError error;
    Call call{on.shard->index(), on.shard->now_ms(), on.shard->now_ns(), 0, on.arena, error};
    const Status status = entry.feed(call, views, limit);
    if (status == Status::ok) {
      entry.position = limit;  // behind the last record lies the end of a file, if anything
    } else if (!passed_over(entry, status, error, views, limit)) {
      if (entry.state == Entry::State::retrying) retry_later(on, entry);
      break;
    }
  }
  if (entry.consumer->bounds_visibility()) lag_gates_.check(entry);
}

// Answers wait for the consumers that run behind nobody; a paused one is not waited for, unless
// what it hasn't consumed can't be served.
void RecordDispatcher::tell_indexed(PerShard& on, int64_t drained_to) {
  int64_t least = drained_to;
  for (const Entry* entry : inline_) {
    if (!entry->first_stage) break;
    const bool waited_for =
        entry->state != Entry::State::paused || entry->consumer->bounds_visibility();
    if (waited_for) least = std::min(least, entry->position.load());
  }
  if (least <= indexed()) return;
  indexed_.store(least);  // in one order with who says that an answer waits
  events_.indexed(on.shard->index());
}

void RecordDispatcher::retry_later(PerShard& on, Entry& entry) {
  const auto retry = std::find_if(retries_.begin(), retries_.end(),
                                  [&](const auto& one) { return one->entry == &entry; });
  const auto now_ms = static_cast<int64_t>(on.shard->now_ns() / 1'000'000);
  const Token timer =
      on.shard->arm({now_ms + pause_ms_after(entry.attempts), runtime::TimeBase::steady},
                    {&RecordDispatcher::retry, retry->get()});
  if (timer == Token()) entry.retry_unarmed = true;  // all timers are taken: the log worker does it
}

// On the log worker: ends the pauses that no timer ends.
void RecordDispatcher::retry_unarmed() {
  bool any = false;
  for (Entry* entry : inline_) {
    if (!entry->retry_unarmed.exchange(false)) continue;
    entry->retry_due = true;
    any = true;
  }
  if (!any) return;
  retry_due_ = true;
  post_drain();
}

void RecordDispatcher::retry(void* at, runtime::TimerEnd end) {
  const auto& retry = *static_cast<Retry*>(at);
  retry.entry->retry_due = true;
  retry.owner->retry_due_ = true;
  if (end == runtime::TimerEnd::due) {
    retry.owner->drain(*retry.owner->shards_[runtime::current_shard()]);
  }
}

}  // namespace gantry::dispatch
