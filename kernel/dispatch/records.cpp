#include "dispatch/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/logging.hpp"

namespace gantry::dispatch {
namespace {

constexpr size_t batch_records = 256;
constexpr uint32_t pause_ms[] = {10, 100, 1000};
constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

uint32_t pause_after(uint32_t attempts) {
  return pause_ms[std::min<size_t>(attempts, std::size(pause_ms)) - 1];
}

// The log refuses appends with RocketMQ's SERVICE_NOT_AVAILABLE once its index cannot follow.
constexpr int32_t service_not_available = 14;

}  // namespace

RecordDispatcher::RecordDispatcher(runtime::Runtime& runtime, commitlog::CommitLog& log,
                                   DispatchEvents& events, Options options)
    : runtime_(runtime), log_(log), events_(events), options_(options), views_(batch_records) {
  for (uint32_t i = 0; i < runtime.shard_count(); ++i) {
    shards_.push_back(std::make_unique<PerShard>());
    shards_.back()->owner = this;
    shards_.back()->shard = &runtime.shard(i);
  }
}

RecordDispatcher::~RecordDispatcher() {
  if (worker_.joinable()) stop();
}

// Stage order: a consumer comes behind all it runs after; otherwise as configured.
Outcome<void> RecordDispatcher::order() {
  std::vector<Entry> sorted;
  std::vector<Entry> rest = consumers_;
  while (!rest.empty()) {
    const auto ready = std::find_if(rest.begin(), rest.end(), [&](const Entry& candidate) {
      return std::none_of(rest.begin(), rest.end(), [&](const Entry& other) {
        return other.consumer != candidate.consumer &&
               candidate.consumer->runs_after(*other.consumer);
      });
    });
    if (ready == rest.end()) {
      return gantry::fail(fmt::format("log consumers {} and {} each want to run after the other",
                                      rest.front().consumer->name(),
                                      rest.back().consumer->name()));
    }
    ready->first_stage = std::none_of(sorted.begin(), sorted.end(), [&](const Entry& other) {
      return ready->consumer->runs_after(*other.consumer);
    });
    sorted.push_back(*ready);
    rest.erase(ready);
  }
  consumers_ = std::move(sorted);
  for (Entry& entry : consumers_) {
    (entry.consumer->runs_inline() ? inline_ : on_worker_).push_back(&entry);
  }
  return {};
}

Outcome<void> RecordDispatcher::replay() {
  if (Outcome<void> ordered = order(); !ordered) return ordered.error();
  const int64_t end = visible();
  for (Entry& entry : consumers_) {
    if (Outcome<void> done = replay(entry, end); !done) return done.error();
  }
  position_ = end;
  drained_.store(end);
  indexed_.store(end);
  for (Entry& entry : consumers_) entry.consumer->live(end);
  return {};
}

Outcome<void> RecordDispatcher::replay(Entry& entry, int64_t end) {
  Outcome<int64_t> position = entry.consumer->position();
  if (!position) return position.error();
  if (*position > end) {
    logging::warn("dispatch", "{} stands at {}, the log ends at {}: what is above is forgotten",
                  entry.consumer->name(), *position, end);
    if (Outcome<void> cut = entry.consumer->truncate(end); !cut) return cut.error();
    position = end;
  }
  entry.position = std::max(*position, log_.begin().value);
  Arena arena;
  while (entry.position < end) {
    commitlog::RecordRun run;
    const ErrorCode error =
        log_.next_records(LogOffset(entry.position), {}, std::span(views_), run);
    if (error || run.count == 0) {
      return gantry::fail(fmt::format("the log cannot be read at {} to replay {}: {}",
                                      entry.position, entry.consumer->name(), error.message()));
    }
    arena.reset();
    CallError call_error;
    Call call{runtime::no_shard, runtime_.clock().now_ms(), runtime_.clock().now_ns(), 0,
              arena,             call_error};
    const Status status = feed(entry, call, std::span(views_).first(run.count));
    if (status != Status::ok) {
      return gantry::fail(fmt::format("{} cannot consume the log at {}: status {}: {}",
                                      entry.consumer->name(), entry.position,
                                      static_cast<int32_t>(status), call_error.text));
    }
    entry.position = run.next.value;
  }
  return {};
}

// Gives a consumer every record of `views` it hasn't had; moves its position past what it took.
Status RecordDispatcher::feed(Entry& entry, Call& call,
                              std::span<const commitlog::RecordView> views) {
  while (!views.empty() && views.front().log_offset.value < entry.position) {
    views = views.subspan(1);
  }
  while (!views.empty()) {
    uint32_t consumed = 0;
    const Status status = entry.consumer->consume(call, views, consumed);
    consumed = std::min<uint32_t>(consumed, static_cast<uint32_t>(views.size()));
    if (consumed > 0) {
      entry.position = views[consumed - 1].log_end().value;
      entry.attempts = 0;
      views = views.subspan(consumed);
    }
    if (status != Status::ok) return status;
    if (consumed == 0) {
      call.error.set(Status::fault, "it took no record and gave no error");
      return Status::fault;
    }
  }
  return Status::ok;
}

void RecordDispatcher::start() {
  running_.store(true);
  worker_ = std::thread([this] { work(); });
}

void RecordDispatcher::visible_rose() {
  if (!running_.load(std::memory_order_acquire)) return;
  const uint32_t shard = runtime::current_shard();
  if (shard < shards_.size()) {
    PerShard& on = *shards_[shard];
    if (!std::exchange(on.due, true)) on.shard->post_at_turn_end({&run_drain, &on});
  } else if (!posted_.exchange(true)) {
    shards_[0]->shard->post({[](void* at) {
                               auto& on = *static_cast<PerShard*>(at);
                               on.owner->posted_.store(false);
                               on.owner->drain(on);
                             },
                             shards_[0].get()});
  }
  if (!on_worker_.empty()) {
    const std::lock_guard lock(worker_mutex_);
    worker_due_ = true;
    worker_ready_.notify_one();
  }
}

void RecordDispatcher::appended() {
  if (!options_.kick) return;
  const uint32_t shard = runtime::current_shard();
  if (shard >= shards_.size()) return log_.kick();
  PerShard& on = *shards_[shard];
  if (!std::exchange(on.kick_due, true)) on.shard->post_at_turn_end({&run_kick, &on});
}

void RecordDispatcher::run_kick(void* at) {
  auto& on = *static_cast<PerShard*>(at);
  on.kick_due = false;
  on.owner->log_.kick();
}

void RecordDispatcher::run_drain(void* at) {
  auto& on = *static_cast<PerShard*>(at);
  on.due = false;
  on.owner->drain(on);
}

void RecordDispatcher::drain(PerShard& on) {
  while (!failed_.load() && !paused_.load() && drained_.load() < visible()) {
    if (!drain_mutex_.try_lock()) return;  // its holder looks again before it leaves
    const bool going = drain_locked(on);
    drain_mutex_.unlock();
    if (!going) return;
  }
}

bool RecordDispatcher::drain_locked(PerShard& on) {
  while (position_ < visible()) {
    commitlog::RecordRun run;
    const ErrorCode error = log_.next_records(LogOffset(position_), {}, std::span(views_), run);
    if (error) {
      fail(fmt::format("the log cannot be read at {}: {}", position_, error.message()));
      return false;
    }
    if (run.count == 0) break;
    on.arena.reset();
    const auto views = std::span<const commitlog::RecordView>(views_).first(run.count);
    bool told = false;
    for (Entry* entry : inline_) {
      if (!entry->first_stage && !told) {
        told = true;
        indexed_.store(run.next.value, std::memory_order_release);
        events_.indexed(on.shard->index());
      }
      CallError call_error;
      Call call{on.shard->index(), on.shard->now_ms(), on.shard->now_ns(), 0, on.arena, call_error};
      const Status status = feed(*entry, call, views);
      if (status != Status::ok) {
        stalled(on, *entry, status, call_error);
        return false;
      }
    }
    if (!told) {
      indexed_.store(run.next.value, std::memory_order_release);
      events_.indexed(on.shard->index());
    }
    position_ = run.next.value;
  }
  drained_.store(position_);
  return true;
}

void RecordDispatcher::stalled(PerShard& on, Entry& entry, Status status, const CallError& error) {
  const std::string reason =
      fmt::format("{} cannot consume the log at {}: status {}: {}", entry.consumer->name(),
                  entry.position, static_cast<int32_t>(status), error.text);
  if (++entry.attempts >= options_.attempts_max) return fail(reason);
  logging::warn("dispatch", "{}; attempt {} of {}", reason, entry.attempts, options_.attempts_max);
  const auto now_ms = static_cast<int64_t>(on.shard->now_ns() / 1'000'000);
  paused_.store(true);
  on.shard->arm({now_ms + pause_after(entry.attempts), runtime::TimeBase::steady}, {&RecordDispatcher::retry, &on});
}

void RecordDispatcher::retry(void* at, runtime::TimerEnd end) {
  auto& on = *static_cast<PerShard*>(at);
  on.owner->paused_.store(false);
  if (end == runtime::TimerEnd::due) on.owner->drain(on);
}

void RecordDispatcher::fail(const std::string& reason) {
  if (failed_.exchange(true)) return;
  logging::error("dispatch", "{}", reason);
  log_.close_gate("dispatch", service_not_available, reason);
  events_.consumer_failed(reason);
}

void RecordDispatcher::work() {
  using namespace std::chrono;
  auto persist_at = steady_clock::now() + milliseconds(options_.persist_interval_ms);
  auto look_at = persist_at;
  for (;;) {
    bool stop = false;
    {
      std::unique_lock lock(worker_mutex_);
      worker_ready_.wait_until(lock, look_at, [&] { return worker_stop_ || worker_due_; });
      worker_due_ = false;
      stop = worker_stop_;
    }
    const uint64_t retry_ns = consume_on_worker();
    const auto now = steady_clock::now();
    if (stop || now >= persist_at) {
      persist_all();
      persist_at = now + milliseconds(options_.persist_interval_ms);
    }
    if (stop || failed_.load()) return;
    const uint64_t now_ns = runtime_.clock().now_ns();
    const uint64_t pause_ns = retry_ns == never || retry_ns < now_ns ? 0 : retry_ns - now_ns;
    look_at = retry_ns == never ? persist_at : std::min(persist_at, now + nanoseconds(pause_ns));
  }
}

uint64_t RecordDispatcher::consume_on_worker() {
  std::vector<commitlog::RecordView> views(on_worker_.empty() ? 0 : batch_records);
  uint64_t retry_ns = never;
  for (Entry* entry : on_worker_) {
    if (entry->retry_ns <= runtime_.clock().now_ns() && !consume_on_worker(*entry, views)) {
      entry->retry_ns = runtime_.clock().now_ns() + pause_after(entry->attempts) * 1'000'000ull;
    }
    if (entry->attempts > 0) retry_ns = std::min(retry_ns, entry->retry_ns);
  }
  return retry_ns;
}

// Brings one consumer to VISIBLE; false when it failed and has to wait.
bool RecordDispatcher::consume_on_worker(Entry& entry, std::span<commitlog::RecordView> views) {
  Arena arena;
  while (!failed_.load() && entry.position < visible()) {
    commitlog::RecordRun run;
    const ErrorCode error = log_.next_records(LogOffset(entry.position), {}, views, run);
    if (!error && run.count == 0) return true;
    arena.reset();
    CallError call_error;
    Call call{runtime::no_shard, runtime_.clock().now_ms(), runtime_.clock().now_ns(), 0,
              arena,             call_error};
    Status status = Status::fault;
    if (error) {
      call_error.set(status, "the log cannot be read: " + error.message());
    } else {
      status = feed(entry, call, views.first(run.count));
    }
    if (status == Status::ok) {
      entry.position = run.next.value;
      entry.attempts = 0;
      continue;
    }
    const std::string reason =
        fmt::format("{} cannot consume the log at {}: status {}: {}", entry.consumer->name(),
                    entry.position, static_cast<int32_t>(status), call_error.text);
    if (++entry.attempts >= options_.attempts_max) {
      fail(reason);
    } else {
      logging::warn("dispatch", "{}; attempt {} of {}", reason, entry.attempts,
                    options_.attempts_max);
    }
    return false;
  }
  return true;
}

void RecordDispatcher::persist_all() {
  Arena arena;
  const int64_t stable = log_.mark(commitlog::Mark::stable).value;
  for (Entry& entry : consumers_) {
    arena.reset();
    CallError error;
    Call call{runtime::no_shard, runtime_.clock().now_ms(), runtime_.clock().now_ns(), 0, arena,
              error};
    int64_t persisted = 0;
    const Status status = entry.consumer->persist(call, stable, persisted);
    if (status != Status::ok) {
      logging::error("dispatch", "{} cannot persist up to {}: status {}: {}",
                     entry.consumer->name(), stable, static_cast<int32_t>(status), error.text);
    }
  }
}

void RecordDispatcher::stop() {
  if (!worker_.joinable()) return;
  PerShard& on = *shards_[0];
  on.shard->run_and_wait([&] { drain(on); });
  running_.store(false, std::memory_order_release);
  {
    const std::lock_guard lock(worker_mutex_);
    worker_stop_ = true;
    worker_ready_.notify_one();
  }
  worker_.join();
}

}  // namespace gantry::dispatch
