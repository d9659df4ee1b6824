// Runtime: the node's shards and its worker pool. Owned by the node, made and stopped on the
// control thread. Jobs may be posted before start(); they run once it starts. stop() ends the
// workers, lets shards run what was posted to them, cancels their timers, and joins: nothing posted
// before is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "runtime/shard.hpp"
#include "runtime/worker_pool.hpp"

namespace gantry::runtime {

class Runtime {
 public:
  static constexpr uint32_t shards_max = 255;  // one byte of tokens and session ids

  struct Options {
    uint32_t shards = 1;
    WorkerPool::Options workers;
    uint32_t timers_max = runtime::timers_max;  // armed at a time, of each shard
  };
  // `clock` outlives the runtime.
  Runtime(Options options, const Clock& clock);
  ~Runtime();

  void start();
  void stop();

  uint32_t shard_count() const { return static_cast<uint32_t>(shards_.size()); }
  Shard& shard(uint32_t index) { return *shards_[index]; }
  WorkerPool& workers() { return workers_; }
  const Clock& clock() const { return clock_; }

  // [any] Cancels a timer of whichever shard armed it; false if stale.
  bool cancel(Token timer);
  // [any] Makes every shard look at the clock again, for tests that move a ManualClock.
  void poke();

 private:
  void drain();

  const Clock& clock_;
  std::vector<std::unique_ptr<Shard>> shards_;
  WorkerPool workers_;
  bool running_ = false;
};

}  // namespace gantry::runtime
