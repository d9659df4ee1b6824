// Changes of the log in RecordDispatcher: roles, cuts, trims. All on the log worker, except the ways
// in.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/logging.hpp"
#include "commitlog/errc.hpp"
#include "dispatch/records.hpp"

namespace gantry::dispatch {

using commitlog::Mark;

Status RecordDispatcher::lead(int64_t epoch, TaskDone done) {
  const Status taken = tasks_.add({LogTask::Kind::lead, epoch, done});
  if (taken == Status::ok) tell_worker();
  return taken;
}

Status RecordDispatcher::follow(int64_t epoch, TaskDone done) {
  const Status taken = tasks_.add({LogTask::Kind::follow, epoch, done});
  if (taken == Status::ok) tell_worker();
  return taken;
}

Status RecordDispatcher::truncate(int64_t log_end, TaskDone done) {
  const Status taken = tasks_.add({LogTask::Kind::truncate, log_end, done});
  if (taken == Status::ok) tell_worker();
  return taken;
}

void RecordDispatcher::trim(int64_t below, bool forced) {
  tasks_.add_trim(below, forced);
  tell_worker();
}

ErrorCode RecordDispatcher::append_raw(LogOffset at, Bytes records, std::string& reason) {
  const std::unique_lock lock(raw_mutex_, std::try_to_lock);
  if (!lock) return commitlog::Errc::busy;
  if (leading_) return commitlog::Errc::not_follower;
  const ErrorCode error = log_.append_raw(at, records, reason);
  if (!error) appended();
  return error;
}

void RecordDispatcher::run_tasks() {
  while (const std::optional<LogTask> task = tasks_.front()) {
    Status status = Status::ok;
    if (failed_.load() || !run_task(*task, status)) return;
    tasks_.finish(status);
  }
}

// False: it isn't over, and who moves the log on tells the worker.
bool RecordDispatcher::run_task(const LogTask& task, Status& status) {
  switch (task.kind) {
    case LogTask::Kind::lead: return run_lead(status);
    case LogTask::Kind::follow: status = run_follow(); return true;
    case LogTask::Kind::truncate: status = run_truncate(task.value); return true;
  }
  return true;
}

// No raw bytes come any more, so APPENDED stands still until VISIBLE and the consumers are there.
bool RecordDispatcher::run_lead(Status& status) {
  if (log_.role() == commitlog::Role::leader) return true;
  {
    const std::lock_guard lock(raw_mutex_);
    leading_ = true;
  }
  lead_waits_ = true;
  if (!consumed_to_end()) {
    if (!tasks_.role_changes_again()) return false;
    lead_waits_ = false;
    status = Status::cancelled;
    return true;
  }
  lead_waits_ = false;
  log_.lead();
  logging::info("dispatch", "this node leads, from {} on", log_.mark(Mark::appended).value);
  return true;
}

bool RecordDispatcher::consumed_to_end() const {
  const int64_t end = log_.mark(Mark::appended).value;
  return visible() == end &&
         std::all_of(consumers_.begin(), consumers_.end(), [end](const auto& entry) {
           return !entry->first_stage || entry->position == end;
         });
}

Status RecordDispatcher::run_follow() {
  if (Outcome<void> followed = log_.follow(); !followed) {
    logging::error("dispatch", "the log cannot follow: {}", followed.error().text);
    return Status::fault;
  }
  const std::lock_guard lock(raw_mutex_);
  leading_ = false;
  logging::info("dispatch", "this node follows, from {} on", log_.mark(Mark::appended).value);
  return Status::ok;
}

Status RecordDispatcher::may_cut(int64_t end) const {
  if (log_.role() != commitlog::Role::follower) return Status::refused;
  const int64_t least = std::max(log_.mark(Mark::stable), log_.begin()).value;
  if (end < least || end > log_.mark(Mark::appended).value) return Status::invalid;
  if (end >= visible()) return Status::ok;
  std::array<commitlog::RecordView, 1> view;
  commitlog::RecordRun run;
  if (read(end, view, run)) return Status::invalid;
  return run.count == 0 || view[0].log_offset.value >= end ? Status::ok : Status::invalid;
}

Status RecordDispatcher::run_truncate(int64_t end) {
  if (const Status refused = may_cut(end); refused != Status::ok) {
    logging::error("dispatch", "the log is not cut at {}: status {}", end,
                   static_cast<int32_t>(refused));
    return refused;
  }
  Status status;
  held_ = true;
  {
    const std::lock_guard lock(drain_mutex_);
    status = cut_held(end);
  }
  held_ = false;
  visible_rose();  // who came meanwhile has left the drain alone
  return status;
}

// Nobody consumes. Consumers let go first: what they hold of the part behind pins its bytes.
Status RecordDispatcher::cut_held(int64_t end) {
  for (const auto& entry : consumers_) {
    if (entry->position <= end) continue;
    if (Outcome<void> cut = entry->consumer->truncate(end); !cut) {
      fail(fmt::format("{} cannot follow a cut to {}: {}", entry->consumer->name(), end,
                       cut.error().text));
      return Status::fault;
    }
    entry->position = end;
    entry->persisted = std::min(entry->persisted.load(), end);
  }
  events_.cut(end);
  indexed_.store(std::min(indexed(), end));
  drained_ = std::min(drained_.load(), end);
  if (Outcome<void> cut = log_.truncate(LogOffset(end)); !cut) {
    logging::error("dispatch", "{}", cut.error().text);
    return log_.mark(Mark::appended).value > end ? Status::invalid : Status::fault;
  }
  logging::info("dispatch", "the log was cut, it ends at {}", end);
  return Status::ok;
}

void RecordDispatcher::run_trim() {
  const std::optional<LogTrim> trim = tasks_.take_trim();
  if (!trim) return;
  if (least_persisted(false) < std::max(trim->below, trim->forced_below)) persist_all();
  const int64_t below = std::max(std::min(trim->below, least_persisted(false)),
                                 std::min(trim->forced_below, least_persisted(true)));
  const int64_t before = log_.begin().value;
  const bool drops = std::any_of(consumers_.begin(), consumers_.end(),
                                 [&](const auto& entry) { return entry->position < below; });
  std::vector<Entry*> told;
  const int64_t begin = drops ? trim_under(below, told) : log_.trim(LogOffset(below)).value;
  if (begin <= before) return;
  for (const auto& entry : consumers_) {
    if (std::find(told.begin(), told.end(), entry.get()) == told.end()) tell_trimmed(*entry, begin);
  }
}

void RecordDispatcher::tell_trimmed(Entry& entry, int64_t begin) const {
  Arena arena;
  CallError error;
  Call call = call_off_shards(arena, error);
  entry.consumer->trimmed(call, begin);
}

// How far back the consumers hold the log.
int64_t RecordDispatcher::least_persisted(bool forced) const {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const auto& entry : consumers_) {
    if (forced && entry->policy.on_lag == OnLag::drop) continue;
    least = std::min(least, entry->persisted.load());
  }
  return least;
}

// Trims what a consumer hasn't consumed: nobody reads meanwhile, and who lagged is told before it goes
// on from where the log begins then. Returns that.
int64_t RecordDispatcher::trim_under(int64_t below, std::vector<Entry*>& told) {
  held_ = true;
  int64_t begin = 0;
  {
    const std::lock_guard lock(drain_mutex_);
    begin = log_.trim(LogOffset(below)).value;
    for (const auto& entry : consumers_) {
      if (entry->position >= begin) continue;
      logging::warn("dispatch", "{} has missed the records from {} to {}: they were trimmed",
                    entry->consumer->name(), entry->position.load(), begin);
      tell_trimmed(*entry, begin);
      told.push_back(entry.get());
      entry->position = entry->persisted = begin;
      entry->attempts = 0;
      entry->state = Entry::State::going;
    }
    drained_ = std::min(drained_.load(), begin);  // who was paused may go on
  }
  held_ = false;
  visible_rose();
  return begin;
}

}  // namespace gantry::dispatch
