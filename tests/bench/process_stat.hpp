// What the system knows of a process: CPU time of its threads, by name. Linux' /proc; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"

namespace gantry::bench {

// CPU nanoseconds by thread name (equal names are summed). A thread that ended is not in it.
using ThreadTimes = std::map<std::string, uint64_t>;

// The failure names the file that can't be read: the process is gone.
Outcome<ThreadTimes> thread_times(pid_t process);

inline uint64_t sum_of(const ThreadTimes& times) {
  uint64_t sum = 0;
  for (const auto& [name, ns] : times) sum += ns;
  return sum;
}

}  // namespace gantry::bench
