// Promises: the completions and periodic timers each instance was given, so that every one is
// called exactly once, at the latest before the instance's stop. Owned by Core.
#pragma once

#include <gantry/call.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cpp/fake/loop.hpp"
#include "cpp/fake/values.hpp"

namespace gantry::sdk::fake {

struct InstanceState;

class Promises {
 public:
  explicit Promises(Loop& loop) : loop_(loop) {}

  // what: how a breach names it ("timer.arm"). The number is the token to cancel it by.
  uint64_t begin(InstanceState& owner, gantry_completion then, std::string what, Place place);
  // Calls it now: the caller is at its place. False when it has ended before.
  bool end(uint64_t promise, const gantry_call& call, gantry_status status, const void* result);
  // Calls it in a later turn at its place.
  void end_later(uint64_t promise, gantry_status status, std::string text = {});
  // The same, with a copy of an answer as the result: a const gantry_response *.
  void end_later(uint64_t promise, const Answer& answer);
  // Uncalled: the function that took it failed.
  void drop(uint64_t promise) { open_.erase(promise); }
  // The timer that would end it; cancelled with it.
  void set_timer(uint64_t promise, uint64_t timer);
  // A promise without a completion: a periodic timer.
  uint64_t begin_periodic(InstanceState& owner, uint64_t period_ms, uint32_t shard,
                          void (*tick)(void*, const gantry_call*), void* context);
  // A timer of this owner: its completion follows with CANCELLED.
  bool cancel(const InstanceState& owner, uint64_t promise);

  // Ends all of the owner's with CANCELLED.
  void cancel_all(const InstanceState& owner);
  std::vector<std::string> open_of(const InstanceState& owner) const;

 private:
  struct Promise {
    InstanceState* owner;
    gantry_completion then;
    std::string what;
    Place place;
    uint64_t timer = 0;
  };
  void arm_tick(uint64_t promise, uint64_t period_ms, void (*tick)(void*, const gantry_call*),
                void* context);

  Loop& loop_;
  std::map<uint64_t, Promise> open_;
  uint64_t next_ = 1;
};

}  // namespace gantry::sdk::fake
