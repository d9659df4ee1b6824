// Tally: one shard's counters. Written by its shard alone, read by any thread, so a plain add and a
// relaxed store are enough.
#pragma once

#include <atomic>
#include <cstdint>

#include "net/network.hpp"

namespace gantry::net {

class Count {
 public:
  void add(uint64_t n = 1) { value_.store(get() + n, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct Tally {
  Count accepted, connected, closed, malformed, idle_closed, frames, bytes_read, bytes_written;
  Count reads, writes, paused, unknown_responses, dropped_sends, refused_pushes;

  void add_to(Counters& sum) const {
    sum.accepted += accepted.get();
    sum.connected += connected.get();
    sum.closed += closed.get();
    sum.malformed += malformed.get();
    sum.idle_closed += idle_closed.get();
    sum.frames += frames.get();
    sum.bytes_read += bytes_read.get();
    sum.bytes_written += bytes_written.get();
    sum.reads += reads.get();
    sum.writes += writes.get();
    sum.paused += paused.get();
    sum.unknown_responses += unknown_responses.get();
    sum.dropped_sends += dropped_sends.get();
    sum.refused_pushes += refused_pushes.get();
  }
};

}  // namespace gantry::net
