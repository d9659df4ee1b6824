// HeldBuffers: references to buffers one instance has taken, less those it gave back or away. A module
// may hand one to another, so only the sum over all modules tells what is held. Owned by the instance;
// any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/shard.hpp"

namespace gantry::plugin {

class HeldBuffers {
 public:
  void took(int64_t references = 1) noexcept { add(references); }
  void gave(int64_t references = 1) noexcept { add(-references); }
  int64_t count() const noexcept {
    int64_t sum = others_.load(std::memory_order_relaxed);
    for (const Cell& cell : cells_) sum += cell.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Cell {  // a shard writes its own
    std::atomic<int64_t> count{0};
  };
  void add(int64_t references) noexcept {
    const uint32_t shard = runtime::current_shard();
    if (shard >= cells_.size()) {
      others_.fetch_add(references, std::memory_order_relaxed);
      return;
    }
    std::atomic<int64_t>& count = cells_[shard].count;
    count.store(count.load(std::memory_order_relaxed) + references, std::memory_order_relaxed);
  }

  std::array<Cell, 8> cells_;
  std::atomic<int64_t> others_{0};  // of further shards, workers and all other threads
};

}  // namespace gantry::plugin
