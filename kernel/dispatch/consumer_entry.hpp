// ConsumerEntry: one log consumer at work: where it stands and what holds it up. Owned by
// RecordDispatcher, as long as it. An inline one is changed by whoever holds the drain lock, the
// others by the log worker; what is atomic is read by any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "commitlog/record.hpp"
#include "dispatch/log_consumer.hpp"
#include "runtime/shard.hpp"

namespace gantry::dispatch {

struct ConsumerEntry {
  enum class State : uint8_t {
    going,
    retrying,  // its consume failed: it waits before it is tried again
    paused,    // it failed too often, and on_fault says that the node goes on
  };
  explicit ConsumerEntry(LogConsumer& c) : consumer(&c), policy(c.policy()) {}

  LogConsumer* const consumer;
  const ConsumerPolicy policy;

  // Constant once the stages are sorted.
  bool is_inline = false;
  bool first_stage = false;                    // runs behind nobody
  std::vector<const ConsumerEntry*> in_front;  // those it runs behind

  std::atomic<int64_t> position{0};   // consumed up to here
  std::atomic<int64_t> persisted{0};  // what it said a restart replays from: the log worker's
  std::atomic<State> state{State::going};
  std::atomic<uint64_t> skipped{0};  // records passed over
  uint32_t attempts = 0;             // of a consume that fails, one after the other
  uint64_t retry_ns = 0;             // on the worker: not before
  std::atomic<bool> retry_due{false};  // inline: the pause is over
  std::atomic<bool> retry_unarmed{false};  // inline: no timer was left, the log worker ends the pause
  std::atomic<bool> lagging{false};    // LagGates' own: its gate is closed

  // How far it may go: to `end`, and no further than those in front.
  int64_t limit(int64_t end) const {
    for (const ConsumerEntry* entry : in_front) end = std::min(end, entry->position.load());
    return end;
  }
  bool ready(int64_t end) const { return state == State::going && position < limit(end); }

  // Gives it every record of `views` that it hasn't had and that begins below `end`.
  Status feed(Call& call, std::span<const commitlog::RecordView> views, int64_t end);
};

}  // namespace gantry::dispatch
