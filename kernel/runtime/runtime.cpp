#include "runtime/runtime.hpp"

#include <algorithm>

namespace gantry::runtime {
namespace {

// Shards that keep posting to one another are cut off after this many rounds.
constexpr int drain_rounds_max = 16;

}  // namespace

Runtime::Runtime(Options options, const Clock& clock) : clock_(clock), workers_(options.workers) {
  const uint32_t count = std::clamp(options.shards, 1u, shards_max);
  for (uint32_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, clock, options.timers_max));
  }
}

Runtime::~Runtime() { stop(); }

void Runtime::start() {
  running_ = true;
  workers_.start();
  for (auto& shard : shards_) shard->start();
}

void Runtime::stop() {
  if (!running_) return;
  running_ = false;
  workers_.stop();
  drain();
  for (auto& shard : shards_) shard->cancel_timers();
  drain();
  for (auto& shard : shards_) shard->stop();
}

// Goes round the shards until none of them has anything queued: a job of one may post to another.
void Runtime::drain() {
  for (int round = 0; round < drain_rounds_max; ++round) {
    uint64_t before = 0;
    for (auto& shard : shards_) before += shard->jobs_run();
    for (auto& shard : shards_) shard->run_and_wait([] {});
    uint64_t after = 0;
    for (auto& shard : shards_) after += shard->jobs_run();
    if (after - before <= shards_.size()) return;
  }
}

bool Runtime::cancel(Token timer) {
  const uint32_t index = shard_of(timer);
  return index < shards_.size() && shards_[index]->cancel(timer);
}

void Runtime::poke() {
  for (auto& shard : shards_) shard->poke();
}

}  // namespace gantry::runtime
