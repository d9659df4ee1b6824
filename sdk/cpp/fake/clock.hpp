// Clock: the fake host's time. It stands still until a test moves it; wall and steady time move
// together, unless a test sets the wall clock. Owned by the Host (or by a test that outlives it), used on the test's thread.
#pragma once

#include <cstdint>

namespace gantry::sdk::fake {

class Clock {
 public:
  explicit Clock(int64_t start_ms = 1'700'000'000'000) : now_ns_(start_ms * 1'000'000) {}

  int64_t now_ms() const { return now_ns_ / 1'000'000 + wall_ahead_ms_; }
  uint64_t now_ns() const { return static_cast<uint64_t>(now_ns_); }

  // Time jumps; nothing runs. Timers that came due run in the next run_until_idle(), a periodic one
  // once. Host::advance_ms() goes from timer to timer instead.
  void advance_ms(int64_t ms) { now_ns_ += ms * 1'000'000; }
  void advance_ns(int64_t ns) { now_ns_ += ns; }
  // Somebody sets the wall clock.
  void set_ahead_ms(int64_t ms) { wall_ahead_ms_ = ms; }

 private:
  int64_t now_ns_;
  int64_t wall_ahead_ms_ = 0;
};

}  // namespace gantry::sdk::fake
