#include "dispatch/records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/logging.hpp"

namespace gantry::dispatch {
namespace {

constexpr size_t batch_records = 256;
constexpr uint32_t appends_per_turn_max = 128;

// The log refuses appends with RocketMQ's SERVICE_NOT_AVAILABLE once its index cannot follow.
constexpr int32_t service_not_available = 14;

}  // namespace

RecordDispatcher::RecordDispatcher(runtime::Runtime& runtime, commitlog::CommitLog& log,
                                   DispatchEvents& events, Options options)
    : runtime_(runtime), log_(log), events_(events), options_(options),
      lag_gates_(log, options.lag_bytes_max), views_(batch_records) {
  for (uint32_t i = 0; i < runtime.shard_count(); ++i) {
    shards_.push_back(std::make_unique<PerShard>());
    shards_.back()->owner = this;
    shards_.back()->shard = &runtime.shard(i);
  }
}

RecordDispatcher::~RecordDispatcher() {
  if (worker_.joinable()) stop();
}

void RecordDispatcher::add(LogConsumer& consumer) {
  consumers_.push_back(std::make_unique<Entry>(consumer));
}

// Stage order: a consumer comes behind all it runs after; otherwise as configured.
Outcome<void> RecordDispatcher::order() {
  std::vector<std::unique_ptr<Entry>> sorted;
  std::vector<std::unique_ptr<Entry>> rest = std::move(consumers_);
  const auto runs_after = [](const Entry& one, const Entry& other) {
    return &one != &other && one.consumer->runs_after(*other.consumer);
  };
  while (!rest.empty()) {
    const auto ready = std::find_if(rest.begin(), rest.end(), [&](const auto& candidate) {
      return std::none_of(rest.begin(), rest.end(),
                          [&](const auto& other) { return runs_after(*candidate, *other); });
    });
    if (ready == rest.end()) {
      return gantry::fail(fmt::format("log consumers {} and {} each want to run after the other",
                                      rest.front()->consumer->name(),
                                      rest.back()->consumer->name()));
    }
    Entry& entry = **ready;
    for (const auto& other : sorted) {
      if (runs_after(entry, *other)) entry.in_front.push_back(other.get());
    }
    entry.first_stage = entry.in_front.empty();
    // Behind one on the worker it runs there too.
    entry.is_inline = entry.consumer->runs_inline() &&
                      std::all_of(entry.in_front.begin(), entry.in_front.end(),
                                  [](const Entry* other) { return other->is_inline; });
    sorted.push_back(std::move(*ready));
    rest.erase(ready);
  }
  consumers_ = std::move(sorted);
  for (const auto& entry : consumers_) {
    (entry->is_inline ? inline_ : on_worker_).push_back(entry.get());
    if (entry->consumer->bounds_visibility()) bounding_.push_back(entry.get());
    if (entry->is_inline) continue;
    for (const Entry* other : entry->in_front) worker_follows_inline_ |= other->is_inline;
  }
  std::stable_partition(inline_.begin(), inline_.end(),
                        [](const Entry* entry) { return entry->first_stage; });
  for (Entry* entry : inline_) retries_.push_back(std::make_unique<Retry>(Retry{this, entry}));
  return {};
}

// The records from `from` on that are visible, as consumers see them.
ErrorCode RecordDispatcher::read(int64_t from, std::span<commitlog::RecordView> views,
                                 commitlog::RecordRun& run) const {
  const ErrorCode error = log_.next_records(LogOffset(from), {}, views, run);
  if (codes_ && !error) codes_->apply(views.first(run.count));
  return error;
}

Call RecordDispatcher::call_off_shards(Arena& arena, CallError& error) const {
  arena.reset();
  return {runtime::no_shard, runtime_.clock().now_ms(), runtime_.clock().now_ns(), 0, arena, error};
}

// What a consume of the records below `end` that failed comes to, by the consumer's policy. True: the
// record it failed at was passed over, it goes on behind it.
bool RecordDispatcher::passed_over(Entry& entry, Status status, const CallError& error,
                                   std::span<const commitlog::RecordView> views, int64_t end) {
  const std::string reason = reason_of(entry, status, error);
  if (++entry.attempts < options_.attempts_max) {
    logging::warn("dispatch", "{}; attempt {} of {}", reason, entry.attempts,
                  options_.attempts_max);
    entry.state = Entry::State::retrying;
    return false;
  }
  switch (entry.policy.on_fault) {
    case OnFault::fail_node:
      entry.state = Entry::State::paused;
      fail(reason);
      return false;
    case OnFault::pause:
      entry.state = Entry::State::paused;
      logging::error("dispatch", "{}; it is paused until the next start, the node goes on", reason);
      return false;
    case OnFault::skip: break;
  }
  entry.attempts = 0;
  const auto at = std::find_if(views.begin(), views.end(), [&](const auto& view) {
    return view.log_offset.value >= entry.position;
  });
  if (at == views.end() || at->log_offset.value >= end) {
    logging::error("dispatch", "{}; it had taken all records it was given, none is passed over",
                   reason);
    return true;
  }
  logging::error("dispatch", "{}; this record is passed over", reason);
  entry.position = at->log_end().value;
  ++entry.skipped;
  return true;
}

std::string RecordDispatcher::reason_of(const Entry& entry, Status status,
                                        const CallError& error) const {
  return fmt::format("{} cannot consume the log at {}: status {}: {}", entry.consumer->name(),
                     entry.position.load(), static_cast<int32_t>(status), error.text);
}

void RecordDispatcher::fail(const std::string& reason) {
  if (failed_.exchange(true)) return;
  logging::error("dispatch", "{}", reason);
  log_.close_gate("dispatch", service_not_available, reason);
  events_.consumer_failed(reason);
}

std::vector<ConsumerFacts> RecordDispatcher::facts() const {
  std::vector<ConsumerFacts> out;
  const int64_t end = visible();
  for (const auto& entry : consumers_) {
    const int64_t position = entry->position;
    out.push_back({entry->consumer->name(), position, entry->persisted,
                   std::max<int64_t>(end - position, 0), entry->skipped,
                   entry->state == Entry::State::paused});
  }
  return out;
}

void RecordDispatcher::start() {
  running_.store(true);
  worker_ = std::thread([this] { work(); });
}

void RecordDispatcher::visible_rose() {
  if (!running()) return;
  const uint32_t shard = runtime::current_shard();
  if (shard < shards_.size()) {
    PerShard& on = *shards_[shard];
    if (!std::exchange(on.due, true)) on.shard->post_at_turn_end({&run_drain, &on});
  } else {
    post_drain();
  }
  for (Entry* entry : bounding_) lag_gates_.check(*entry);
  if (!on_worker_.empty() || lead_waits_.load()) tell_worker();
}

void RecordDispatcher::tell_worker() {
  const std::lock_guard lock(worker_mutex_);
  worker_due_ = true;
  worker_ready_.notify_one();
}

void RecordDispatcher::appended() {
  const uint32_t shard = runtime::current_shard();
  if (shard >= shards_.size()) {
    if (options_.kick) log_.kick();
    return;
  }
  PerShard& on = *shards_[shard];
  // They are indexed and answered while they are still in the core's cache.
  if (++on.appends >= appends_per_turn_max) {
    on.appends = 0;
    on.shard->end_turn();
  }
  if (options_.kick && !std::exchange(on.kick_due, true)) on.shard->post_at_turn_end({&run_kick, &on});
}

void RecordDispatcher::run_kick(void* at) {
  auto& on = *static_cast<PerShard*>(at);
  on.kick_due = false;
  on.appends = 0;
  on.owner->log_.kick();
}

void RecordDispatcher::stop() {
  if (!worker_.joinable()) return;
  PerShard& on = *shards_[0];
  on.shard->run_and_wait([&] { drain(on); });
  running_.store(false);
  {
    const std::lock_guard lock(worker_mutex_);
    worker_stop_ = true;
    worker_ready_.notify_one();
  }
  worker_.join();
  { const std::lock_guard lock(drain_mutex_); }  // a drain that is under way ends; none begins
  tasks_.close();
}

}  // namespace gantry::dispatch
