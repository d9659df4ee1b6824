#include "committer.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::metadata_lmdb {

struct Committer::Job {
  std::shared_ptr<Committer> owner;

  static void done(void* context, const gantry_call* call, gantry_status status, const void*) {
    const std::unique_ptr<Job> job(static_cast<Job*>(context));
    job->owner->run_job(*call, status);
  }
};

struct Committer::Delivery {
  std::shared_ptr<Committer> owner;
  std::vector<Told> told;

  // The documents' fate is known, so a cancelled job tells it all the same.
  static void done(void* context, const gantry_call* call, gantry_status, const void*) {
    const std::unique_ptr<Delivery> delivery(static_cast<Delivery*>(context));
    tell(*call, delivery->told);
    delivery->owner->delivered();
  }
};

Committer::Committer(sdk::Host host, Environment& environment, uint64_t queue_bytes_max)
    : host_(host),
      timer_(host_.service<gantry_timer>(GANTRY_HOST_TIMER)),
      environment_(environment),
      queue_(queue_bytes_max) {}

void Committer::submit(Write write, bool now) {
  const std::lock_guard lock(guard_);
  queue_.push(std::move(write));
  if (!now) return;
  if (job_pending_) {
    again_ = true;
  } else {
    start_job();  // a full worker pool: the next tick tries again
  }
}

void Committer::tick() {
  const std::lock_guard lock(guard_);
  if (!job_pending_ && !queue_.empty()) start_job();
}

// Called with guard_ held.
bool Committer::start_job() {
  auto job = std::make_unique<Job>(Job{shared_from_this()});
  job_pending_ = timer_.work(host_.raw(), {&Job::done, job.get()}) >= GANTRY_OK;
  if (job_pending_) job.release();
  return job_pending_;
}

void Committer::run_job(const gantry_call& call, gantry_status status) {
  {
    const std::lock_guard lock(guard_);
    running_ = status >= GANTRY_OK;
    again_ = false;
  }
  if (status >= GANTRY_OK) commit_queued(call, true);
  std::unique_lock lock(guard_);
  running_ = false;
  job_pending_ = false;
  left_worker_.notify_all();
  const bool more = again_ || (drained_ != 0 && !queue_.empty());
  if (status >= GANTRY_OK && more) start_job();
  tell_drained(lock);
}

void Committer::commit_queued(const gantry_call& call, bool post_to_shards) {
  std::vector<Write> writes = queue_.take_all();
  if (writes.empty()) return;
  std::vector<gantry_status> outcomes(writes.size(), GANTRY_OK);
  std::string reason;
  commit(writes, outcomes, reason);
  const auto failed = std::count(outcomes.begin(), outcomes.end(), GANTRY_FAULT);
  if (failed > 0) {
    host_.error(std::to_string(failed) + " of " + std::to_string(writes.size()) +
                " writes failed: " + reason);
    sdk::set_error(call.error, GANTRY_FAULT, reason);
  }
  std::map<uint32_t, std::vector<Told>> by_shard;
  for (size_t i = 0; i < writes.size(); ++i) {
    by_shard[post_to_shards ? writes[i].shard : GANTRY_NO_SHARD].push_back(
        {writes[i].then, outcomes[i]});
  }
  for (auto& [shard, told] : by_shard) {
    if (shard == GANTRY_NO_SHARD) {
      tell(call, told);
    } else {
      post(call, shard, std::move(told));
    }
  }
}

// One transaction for all. If that fails, halves are tried by themselves, so that a write that
// can't be stored takes no other with it.
void Committer::commit(std::span<Write> writes, std::span<gantry_status> outcomes,
                       std::string& reason) {
  std::vector<gantry_document> documents;
  for (const Write& write : writes) {
    documents.insert(documents.end(), write.documents.begin(), write.documents.end());
  }
  try {
    environment_.commit(documents);
    return;
  } catch (const std::exception& failure) {
    reason = failure.what();
  }
  if (writes.size() == 1) {
    outcomes[0] = GANTRY_FAULT;
    return;
  }
  const size_t half = writes.size() / 2;
  commit(writes.first(half), outcomes.first(half), reason);
  commit(writes.subspan(half), outcomes.subspan(half), reason);
}

void Committer::post(const gantry_call& call, uint32_t shard, std::vector<Told> told) {
  auto delivery = std::make_unique<Delivery>(Delivery{shared_from_this(), std::move(told)});
  {
    const std::lock_guard lock(guard_);
    ++deliveries_;
  }
  if (timer_.post(host_.raw(), shard, {&Delivery::done, delivery.get()}) >= GANTRY_OK) {
    delivery.release();
    return;
  }
  tell(call, delivery->told);  // a host that is stopping: told here rather than not at all
  delivered();
}

void Committer::delivered() {
  std::unique_lock lock(guard_);
  --deliveries_;
  tell_drained(lock);
}

void Committer::tell(const gantry_call& call, std::span<const Told> told) {
  for (const Told& one : told) one.then.done(one.then.context, &call, one.status, nullptr);
}

void Committer::tell_drained(std::unique_lock<std::mutex>& lock) {
  if (drained_ == 0 || job_pending_ || deliveries_ > 0 || !queue_.empty()) return;
  const gantry_token token = std::exchange(drained_, 0);
  lock.unlock();
  host_.raw()->complete(host_.raw(), token, GANTRY_OK, nullptr);
}

gantry_status Committer::drain(gantry_token drained) {
  const std::lock_guard lock(guard_);
  if (!job_pending_ && deliveries_ == 0 && queue_.empty()) return GANTRY_OK;
  drained_ = drained;
  if (!job_pending_ && !queue_.empty() && !start_job()) {
    throw sdk::Refusal(GANTRY_BUSY, "no worker takes the last commit");  // stop() does it
  }
  return GANTRY_PENDING;
}

void Committer::stop() {
  {
    std::unique_lock lock(guard_);
    left_worker_.wait(lock, [this] { return !running_; });
    drained_ = 0;
  }
  gantry_error error{};
  error.struct_size = sizeof error;
  gantry_call call{};
  call.struct_size = sizeof call;
  call.shard = GANTRY_NO_SHARD;
  call.error = &error;
  commit_queued(call, false);
}

}  // namespace gantry::metadata_lmdb
