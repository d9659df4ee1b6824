// Pace: waits for the next of evenly spaced moments. Owned and used by one thread, whose timers
// should be exact (exact_timers).
#pragma once

#include <poll.h>
#include <sys/prctl.h>

#include <cstdint>

#include "clock.hpp"

namespace gantry::bench {

// This thread's timers are no longer late by the usual 50 us, which would count as the server's.
inline void exact_timers() {
  ::prctl(PR_SET_TIMERSLACK, 1);
}

class Pace {
 public:
  explicit Pace(double per_second) : interval_ns_(1e9 / per_second), begin_ns_(now_ns()) {}

  uint64_t begin_ns() const { return begin_ns_; }
  // Returns when the next moment has come, and which that is; at once when it is past.
  uint64_t next() {
    const uint64_t due =
        begin_ns_ + static_cast<uint64_t>(static_cast<double>(++count_) * interval_ns_);
    for (uint64_t now = now_ns(); now < due; now = now_ns()) {
      const timespec rest = timespec_of(due - now);
      ::ppoll(nullptr, 0, &rest, nullptr);
    }
    return due;
  }

 private:
  double interval_ns_;
  uint64_t begin_ns_;
  uint64_t count_ = 0;
};

}  // namespace gantry::bench
