#include "cpp/fake/changes.hpp"

#include <algorithm>
#include <string>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {

gantry_status Changes::claim(const InstanceState& owner, uint32_t mark) {
  if (mark != GANTRY_MARK_REPLICATED) return GANTRY_INVALID;
  if (replicates_ || core_.is_started) return GANTRY_REFUSED;
  replicates_ = &owner;
  core_.log.own_replicated();
  return GANTRY_OK;
}

gantry_status Changes::raise(const InstanceState& owner, uint32_t mark, int64_t to) {
  if (mark != GANTRY_MARK_REPLICATED) return GANTRY_INVALID;
  if (replicates_ != &owner) return GANTRY_REFUSED;
  if (to > core_.log.end()) return GANTRY_INVALID;
  core_.log.raise_replicated(to);
  return GANTRY_OK;
}

gantry_status Changes::add(InstanceState& owner, const char* what, Kind kind, int64_t value,
                           gantry_completion then) {
  const uint64_t promise =
      core_.promises.begin(owner, then, what, core_.loop.completion_place());
  changes_.push_back({kind, value, promise});
  look_again();
  return GANTRY_OK;
}

gantry_status Changes::change_role(InstanceState& owner, const gantry_call* call, const char* what,
                                   Kind kind, int64_t epoch, gantry_completion then) {
  if (epoch <= epoch_)
    return set_error(call ? call->error : nullptr, GANTRY_INVALID,
                     "epoch: " + std::to_string(epoch) + ", a later one was given before");
  epoch_ = epoch;
  return add(owner, what, kind, epoch, then);
}

gantry_status Changes::lead(InstanceState& owner, const gantry_call* call, int64_t epoch,
                            gantry_completion then) {
  return change_role(owner, call, "commitlog.lead", Kind::lead, epoch, then);
}

gantry_status Changes::follow(InstanceState& owner, const gantry_call* call, int64_t epoch,
                              gantry_completion then) {
  return change_role(owner, call, "commitlog.follow", Kind::follow, epoch, then);
}

gantry_status Changes::truncate(InstanceState& owner, int64_t log_end, gantry_completion then) {
  return add(owner, "commitlog.truncate", Kind::truncate, log_end, then);
}

void Changes::trim(int64_t below) {
  core_.loop.post(Place::at_worker(),
                  [this, below](const gantry_call&) { core_.dispatch.trim(below); });
}

void Changes::look_again() {
  if (!changes_.empty())
    core_.loop.post(Place::at_worker(), [this](const gantry_call&) { run(); });
}

void Changes::run() {
  while (!changes_.empty() && !lead_waits()) {
    const Change change = changes_.front();
    changes_.pop_front();
    core_.promises.end_later(change.promise, make(change));
  }
}

// A lead waits for VISIBLE and the index, unless another change of role has overtaken it.
bool Changes::lead_waits() {
  if (changes_.front().kind != Kind::lead || !core_.log.follows()) return false;
  leading_ = true;
  if (core_.dispatch.indexed() == core_.log.end()) return false;
  return std::none_of(changes_.begin() + 1, changes_.end(),
                      [](const Change& change) { return change.kind != Kind::truncate; });
}

gantry_status Changes::make(const Change& change) {
  switch (change.kind) {
    case Kind::lead:
      if (core_.log.follows() && core_.dispatch.indexed() != core_.log.end())
        return GANTRY_CANCELLED;
      core_.log.lead();
      return GANTRY_OK;
    case Kind::follow:
      core_.log.follow();
      leading_ = false;
      return GANTRY_OK;
    case Kind::truncate: return cut(change.value);
  }
  return GANTRY_FAULT;
}

gantry_status Changes::cut(int64_t log_end) {
  if (!core_.log.follows()) return GANTRY_REFUSED;
  const int64_t least = std::max(core_.log.mark(GANTRY_MARK_STABLE), core_.log.begin());
  if (log_end < least || !core_.log.begins_record(log_end)) return GANTRY_INVALID;
  core_.dispatch.truncate(log_end);
  return GANTRY_OK;
}

void Changes::stop() {
  for (const Change& change : changes_) core_.promises.end_later(change.promise, GANTRY_CANCELLED);
  changes_.clear();
}

}  // namespace gantry::sdk::fake
