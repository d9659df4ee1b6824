// The commit log by itself: what an append costs, how long one can be held up, how much the disk is
// given per sync. Each makes a log below a folder of its own, which it removes. One thread appends.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "latencies.hpp"

namespace gantry::bench {

// Nanoseconds of the appending thread per record of 1 KiB, into space that is prepared.
Outcome<double> append_cost_ns(const std::string& folder, uint64_t megabytes);

struct StallOptions {
  std::string folder;
  double megabytes_per_second = 200;
  double seconds = 5;
  uint32_t flush_interval_ms = 500;
};
struct Stalls {
  Latencies late;     // of slices of 64 KiB, from when they were due
  uint64_t busy = 0;  // slices that found no prepared space at first
};
// Appends at a fixed rate while the log flushes and prepares in the background.
Outcome<Stalls> append_stalls(const StallOptions& options);

struct SyncBytes {
  double device = 0;   // written to the device per sync, by everybody; 0: it can't be told
  double process = 0;  // what this process made dirty, per sync
  double appended = 0;
};
// Batches of 64 KiB under sync flush. Medians over groups of syncs, so that neighbours who write
// now and then don't count.
Outcome<SyncBytes> sync_bytes(const std::string& folder, uint32_t syncs);

}  // namespace gantry::bench
