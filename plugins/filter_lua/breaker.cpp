#include "breaker.hpp"

#include <algorithm>

namespace gantry::filter_lua {

bool Breaker::admits_one(uint64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (now_ns < paused_until_ns_) return false;
  paused_until_ns_ = now_ns + next_pause_ns_;  // for the others, until this one is through
  return true;
}

bool Breaker::failed(uint64_t now_ns) {
  if (failures_.fetch_add(1, std::memory_order_relaxed) + 1 < options_.failures_max) return false;
  const std::lock_guard lock(mutex_);
  last_pause_ns_ = next_pause_ns_;
  paused_until_ns_ = now_ns + last_pause_ns_;
  next_pause_ns_ = std::min(2 * last_pause_ns_, options_.pause_ns_max);
  paused_.store(true, std::memory_order_relaxed);
  return true;
}

void Breaker::reset() {
  const std::lock_guard lock(mutex_);
  failures_.store(0, std::memory_order_relaxed);
  paused_.store(false, std::memory_order_relaxed);
  next_pause_ns_ = options_.pause_ns;
}

uint64_t Breaker::pause_ms() const {
  const std::lock_guard lock(mutex_);
  return last_pause_ns_ / 1'000'000;
}

}  // namespace gantry::filter_lua
