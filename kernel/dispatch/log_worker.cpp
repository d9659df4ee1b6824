// The log worker of RecordDispatcher: consumers that aren't inline, everybody's persist, and the
// changes of the log that modules ask for.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/logging.hpp"
#include "base/signal_stack.hpp"
#include "base/thread_name.hpp"
#include "dispatch/pauses.hpp"
#include "dispatch/records.hpp"

namespace gantry::dispatch {
namespace {

constexpr size_t batch_records = 256;
constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

}  // namespace

// True: it is to stop.
bool RecordDispatcher::wait_for_work(std::chrono::steady_clock::time_point look_at) {
  std::unique_lock lock(worker_mutex_);
  worker_ready_.wait_until(lock, look_at, [&] { return worker_stop_ || worker_due_; });
  worker_due_ = false;
  return worker_stop_;
}

void RecordDispatcher::work() {
  name_thread("log worker");
  const SignalStack signal_stack;
  using namespace std::chrono;
  auto persist_at = steady_clock::now() + milliseconds(options_.persist_interval_ms);
  auto look_at = persist_at;
  for (;;) {
    const bool stop = wait_for_work(look_at);
    const uint64_t retry_ns = consume_on_worker();
    if (!stop) run_tasks();
    const auto now = steady_clock::now();
    if (stop || now >= persist_at) {
      retry_unarmed();
      persist_all();
      persist_at = now + milliseconds(options_.persist_interval_ms);
    }
    if (stop || failed_.load()) return;
    run_trim();
    const uint64_t now_ns = runtime_.clock().now_ns();
    const uint64_t pause_ns = retry_ns == never || retry_ns < now_ns ? 0 : retry_ns - now_ns;
    look_at = retry_ns == never ? persist_at : std::min(persist_at, now + nanoseconds(pause_ns));
  }
}

// The steady time to look again at a consumer that failed; none needed: its maximum.
uint64_t RecordDispatcher::consume_on_worker() {
  std::vector<commitlog::RecordView> views(on_worker_.empty() ? 0 : batch_records);
  uint64_t retry_ns = never;
  for (Entry* entry : on_worker_) {
    if (entry->state == Entry::State::retrying && entry->retry_ns <= runtime_.clock().now_ns()) {
      entry->state = Entry::State::going;
    }
    consume_on_worker(*entry, views);
    if (entry->state == Entry::State::retrying) retry_ns = std::min(retry_ns, entry->retry_ns);
  }
  return retry_ns;
}

// Brings one consumer as far as it may go, or to where it fails.
void RecordDispatcher::consume_on_worker(Entry& entry, std::span<commitlog::RecordView> views) {
  Arena arena;
  while (!failed_.load() && entry.ready(visible())) {
    commitlog::RecordRun run;
    if (const ErrorCode error = read(entry.position, views, run)) {
      return fail(fmt::format("the log cannot be read at {}: {}", entry.position.load(),
                              error.message()));
    }
    if (run.next.value == entry.position) return;  // VISIBLE stands within the record there
    CallError error;
    Call call = call_off_shards(arena, error);
    const int64_t limit = entry.limit(run.next.value);
    const auto read_views = std::span<const commitlog::RecordView>(views).first(run.count);
    const Status status = entry.feed(call, read_views, limit);
    if (status == Status::ok) {
      entry.position = limit;
    } else if (!passed_over(entry, status, error, read_views, limit)) {
      entry.retry_ns = runtime_.clock().now_ns() + pause_ms_after(entry.attempts) * 1'000'000ull;
    }
    if (entry.consumer->bounds_visibility()) lag_gates_.check(entry);
  }
}

void RecordDispatcher::persist_all() {
  Arena arena;
  const int64_t stable = log_.mark(commitlog::Mark::stable).value;
  for (const auto& entry : consumers_) {
    CallError error;
    Call call = call_off_shards(arena, error);
    int64_t persisted = 0;
    const Status status = entry->consumer->persist(call, stable, persisted);
    if (status != Status::ok) {
      logging::error("dispatch", "{} cannot persist up to {}: status {}: {}",
                     entry->consumer->name(), stable, static_cast<int32_t>(status), error.text);
      continue;
    }
    if (persisted > stable) {
      logging::error("dispatch", "{} persisted {}, beyond what may not be cut any more: {}",
                     entry->consumer->name(), persisted, stable);
    }
    entry->persisted = std::min({persisted, stable, entry->position.load()});
  }
}

}  // namespace gantry::dispatch
