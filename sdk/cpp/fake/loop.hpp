// Loop: the fake host's one thread, pretending to be shards, workers and the log's. Jobs run in the
// order they were given; timers by due time, then by order. Also Arena and Buffers: the memory a
// call is given. Owned by Core.
#pragma once

#include <gantry/call.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cpp/fake/clock.hpp"

namespace gantry::sdk::fake {

// Where a call is made, as far as the module can tell.
struct Place {
  enum class Kind { test, control, shard, log, worker };
  Kind kind = Kind::test;
  uint32_t shard = GANTRY_NO_SHARD;

  static Place at_shard(uint32_t index) { return {Kind::shard, index}; }
  static Place at_worker() { return {Kind::worker, GANTRY_NO_SHARD}; }
  static Place at_control() { return {Kind::control, GANTRY_NO_SHARD}; }
};

// Behind gantry_arena. Every piece is its own allocation: a sanitizer sees use after the call.
class Arena {
 public:
  uint8_t* take(uint64_t size);

 private:
  std::vector<std::unique_ptr<uint8_t[]>> pieces_;
};

// Behind gantry_buffer.
struct Buffer {
  std::unique_ptr<uint8_t[]> bytes;
  uint64_t size = 0;
  uint32_t references = 1;
  std::string made_for;
};

class Buffers {
 public:
  // One reference, the caller's.
  gantry_slice make(uint64_t size, std::string made_for);
  gantry_slice copy(const void* data, uint64_t size, std::string made_for);
  // False for a buffer that is not alive (any more).
  bool retain(gantry_buffer* buffer);
  // Null: not alive.
  const Buffer* find(gantry_buffer* buffer) const {
    const auto at = live_.find(buffer);
    return at == live_.end() ? nullptr : at->second.get();
  }
  bool release(gantry_buffer* buffer);
  size_t live() const { return live_.size(); }
  std::vector<std::string> leaks() const;

 private:
  std::map<gantry_buffer*, std::unique_ptr<Buffer>> live_;
};

class Loop {
 public:
  using Job = std::function<void(const gantry_call& call)>;
  explicit Loop(Clock& clock) : clock_(clock) {}

  // Now, with a call made for it.
  void run_at(Place place, const Job& job);
  void post(Place place, Job job) { jobs_.push_back({place, std::move(job)}); }
  uint64_t arm_ms(uint64_t delay_ms, Place place, Job job);
  bool cancel(uint64_t timer);

  // Until nothing is queued and no timer is due. Throws std::logic_error after a million steps.
  void run_until_idle();
  // Moves the clock to `until_ns`, stopping at each timer.
  void run_until(uint64_t until_ns);

  Place place() const { return places_.empty() ? Place{} : places_.back(); }
  // Where a completion asked for now is to come: this shard, else a worker.
  Place completion_place() const;

 private:
  struct Queued {
    Place place;
    Job job;
  };
  using TimerKey = std::pair<uint64_t, uint64_t>;  // due, number

  Clock& clock_;
  std::deque<Queued> jobs_;
  std::map<TimerKey, Queued> timers_;
  std::map<uint64_t, TimerKey> timer_keys_;
  std::vector<Place> places_;  // a call within a call stacks
  uint64_t next_timer_ = 1;
};

}  // namespace gantry::sdk::fake
