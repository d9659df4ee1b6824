// Latencies: how long many things took, in buckets of at most 1.6 % width. Fixed size, so adding
// never allocates. Owned by one run, on its thread.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace gantry::bench {

class Latencies {
 public:
  void add(uint64_t ns) {
    ++counts_[bucket_of(ns)];
    ++total_;
    if (ns > max_) max_ = ns;
  }
  void clear() { *this = {}; }

  uint64_t count() const { return total_; }
  uint64_t max_ns() const { return max_; }
  // The time that `share` (0 to 1) of them did not exceed; 0 when there are none.
  uint64_t percentile_ns(double share) const;

 private:
  static constexpr unsigned step_bits = 6;  // buckets per power of two: 2^6
  static constexpr unsigned steps = 1u << step_bits;
  static constexpr unsigned buckets = (64 - step_bits + 1) * steps;

  static unsigned bucket_of(uint64_t ns) {
    if (ns < steps) return static_cast<unsigned>(ns);
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - step_bits - 1;
    return (shift + 1) * steps + static_cast<unsigned>(ns >> shift) - steps;
  }
  static uint64_t upper_end_of(unsigned bucket);

  std::array<uint64_t, buckets> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace gantry::bench
