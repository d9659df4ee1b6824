// History: one seed: several lives of a node on one lying disk, each ended by a power cut between
// or inside disk calls, a killed process, a failing disk or a clean stop. The same seed is the same
// history. One thread.
#pragma once

#include <cstdint>

#include "ledger.hpp"
#include "node.hpp"
#include "support/lying_disk.hpp"

namespace gantry::sim {

struct HistoryOptions {
  uint64_t seed = 1;
  bool verbose = false;                // tells every step on stdout
  testing::LyingDisk::Lies lies{};  // what is broken on purpose, to see it noticed
  NodeFaults node_faults{};         // likewise
  bool look_at_device = true;       // else only what came back after a start counts
};

struct HistoryResult {
  Findings findings;
  uint64_t starts = 0;
  uint64_t power_cuts = 0;
  uint64_t faults = 0;
  uint64_t read_faults = 0;  // of them
  uint64_t disk_calls = 0;
  uint64_t records = 0;
  uint64_t cut_records = 0;
};

HistoryResult run_history(const HistoryOptions& options);

}  // namespace gantry::sim
