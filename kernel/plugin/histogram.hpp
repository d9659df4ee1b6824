// Histogram: how long calls took, four steps to each doubling, so within a fifth of the truth. Any
// thread adds; whoever reads meanwhile sees some of it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace gantry::plugin {

class Histogram {
 public:
  void add(uint64_t ns) { counts_[index_of(ns)].fetch_add(1, std::memory_order_relaxed); }

  // What `share` (0..1) of all were no longer than; 0 when nothing was added.
  uint64_t quantile(double share) const {
    const uint64_t all = total();
    uint64_t rest = static_cast<uint64_t>(static_cast<double>(all) * share);
    if (all == 0) return 0;
    if (rest == all) --rest;
    for (uint32_t i = 0; i < counts_.size(); ++i) {
      const uint64_t here = counts_[i].load(std::memory_order_relaxed);
      if (rest < here) return upper_of(i);
      rest -= here;
    }
    return upper_of(static_cast<uint32_t>(counts_.size()) - 1);
  }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const auto& count : counts_) sum += count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr uint32_t steps = 4;
  static uint32_t index_of(uint64_t ns) {
    if (ns < steps) return static_cast<uint32_t>(ns);
    const auto power = static_cast<uint32_t>(std::bit_width(ns)) - 1;  // 2 or more
    return (power - 1) * steps + static_cast<uint32_t>((ns >> (power - 2)) & (steps - 1));
  }
  // The largest value of a bucket.
  static uint64_t upper_of(uint32_t index) {
    if (index < steps) return index;
    const uint32_t power = index / steps + 1;
    const uint64_t step = uint64_t{1} << (power - 2);
    return (steps + index % steps + 1) * step - 1;
  }

  std::array<std::atomic<uint32_t>, 252> counts_{};
};

}  // namespace gantry::plugin
