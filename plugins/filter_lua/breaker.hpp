// Breaker: lets a script alone for a while that fails again and again, so that one that loops does not
// hold a shard up for each message. After `failures_max` in a row it admits nobody for a pause, then
// one; each further pause is twice as long. One per script, for all shards. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace gantry::filter_lua {

struct BreakerOptions {
  uint32_t failures_max = 8;
  uint64_t pause_ns = 1'000'000'000;
  uint64_t pause_ns_max = 60'000'000'000;
};

class Breaker {
 public:
  explicit Breaker(const BreakerOptions& options)
      : options_(options), next_pause_ns_(options.pause_ns) {}

  // Times are of the steady clock.
  bool admits(uint64_t now_ns) {
    return !paused_.load(std::memory_order_relaxed) || admits_one(now_ns);
  }
  void went_well() {
    if (failures_.load(std::memory_order_relaxed) != 0) reset();
  }
  // True: that was one too many, and it pauses from now on.
  bool failed(uint64_t now_ns);
  void reset();

  bool paused() const { return paused_.load(std::memory_order_relaxed); }
  uint64_t pause_ms() const;  // the one that began last

 private:
  bool admits_one(uint64_t now_ns);

  const BreakerOptions options_;
  std::atomic<bool> paused_{false};
  std::atomic<uint32_t> failures_{0};  // in a row
  mutable std::mutex mutex_;           // guards what follows
  uint64_t paused_until_ns_ = 0;
  uint64_t next_pause_ns_;
  uint64_t last_pause_ns_ = 0;
};

}  // namespace gantry::filter_lua
