// The clocks of the bench. Any thread.
#pragma once

#include <cstdint>
#include <ctime>

namespace gantry::bench {

inline constexpr uint64_t ns_per_s = 1'000'000'000;

inline uint64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * ns_per_s + static_cast<uint64_t>(now.tv_nsec);
}
inline uint64_t now_ns() {
  return read_clock(CLOCK_MONOTONIC);
}
inline uint64_t wall_ns() {
  return read_clock(CLOCK_REALTIME);
}
// What this thread, or this process, has used of a CPU.
inline uint64_t thread_cpu_ns() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

inline timespec timespec_of(uint64_t ns) {
  return {static_cast<time_t>(ns / ns_per_s), static_cast<long>(ns % ns_per_s)};
}

}  // namespace gantry::bench
