#include "plugin/watchdog.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/signal_stack.hpp"
#include "base/thread_name.hpp"
#include "plugin/guard.hpp"

namespace gantry::plugin {

Watchdog::Watchdog(std::vector<const CrumbTrail*> trails, uint64_t stall_ms, Stalled stalled)
    : trails_(std::move(trails)), stall_ns_(stall_ms * 1'000'000), stalled_(std::move(stalled)),
      seen_(trails_.size()) {}

void Watchdog::start() {
  thread_ = std::thread([this] {
    name_thread("watchdog");
    const SignalStack signal_stack;
    const SystemClock clock;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(poll_ms), [&] { return stopping_; })) {
      look(clock.now_ns());
    }
  });
}

void Watchdog::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::look(uint64_t now_ns) {
  for (uint32_t shard = 0; shard < trails_.size(); ++shard) look_at(shard, now_ns);
}

void Watchdog::look_at(uint32_t shard, uint64_t now_ns) {
  Seen& seen = seen_[shard];
  const CrumbTrail& trail = *trails_[shard];
  const uint64_t state = trail.state();
  const Crumb* const crumb = trail.innermost();
  const Guard* const guard = crumb ? crumb->guard.load(std::memory_order_relaxed) : nullptr;
  if (!guard || seen.state != state || seen.guard != guard) {
    seen = {state, guard, now_ns, false, false};
    return;
  }
  const uint64_t ns = now_ns - seen.since_ns;
  if (!seen.over_limit_told && guard->policy().limit_ns != 0 && ns > guard->policy().limit_ns) {
    seen.over_limit_told = true;
    const_cast<Guard*>(guard)->still_running(ns);
  }
  if (stall_ns_ == 0 || ns < stall_ns_ || seen.stall_told) return;
  seen.stall_told = true;
  stalled_(fmt::format("shard {} has not come back from {} for {} ms: {} of {}", shard,
                       guard->instance, ns / 1'000'000, crumb->call.load(std::memory_order_relaxed),
                       guard->capability),
           *crumb);
}

}  // namespace gantry::plugin
