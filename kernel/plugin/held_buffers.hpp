// HeldBuffers: references to buffers one instance has taken, less those it gave back or away, and the
// bytes of these buffers. A module may hand one to another, which the host doesn't see, so only the
// sum over all modules tells what is held. Owned by the instance; any thread.
#pragma once

#include <gantry/base.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "base/buffer.hpp"
#include "plugin/views.hpp"
#include "runtime/shard.hpp"

namespace gantry::plugin {

class HeldBuffers {
 public:
  // The buffer is counted whole, whatever part of it the reference is for.
  void took(const Buffer& buffer) { add(1, buffer.size()); }
  void gave(const Buffer& buffer) { add(~uint64_t{0}, uint64_t{0} - buffer.size()); }
  void took(const gantry_slice& slice) {
    if (slice.buffer) took(*buffer_of(slice.buffer));
  }
  // The slices of a body, whose references pass on.
  void gave(const gantry_slice* slices, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      if (slices[i].buffer) gave(*buffer_of(slices[i].buffer));
    }
  }

  // Below zero: it gave back what another module had taken.
  struct Total {
    int64_t buffers = 0;
    int64_t bytes = 0;
  };
  Total total() const {
    uint64_t buffers = others_.buffers.load(std::memory_order_relaxed);
    uint64_t bytes = others_.bytes.load(std::memory_order_relaxed);
    for (const Cell& cell : cells_) {
      buffers += cell.buffers.load(std::memory_order_relaxed);
      bytes += cell.bytes.load(std::memory_order_relaxed);
    }
    return {static_cast<int64_t>(buffers), static_cast<int64_t>(bytes)};
  }

 private:
  struct alignas(64) Cell {  // a shard writes its own; each wraps around, their sum is a number
    std::atomic<uint64_t> buffers{0};
    std::atomic<uint64_t> bytes{0};
  };
  void add(uint64_t buffers, uint64_t bytes) {
    const uint32_t shard = runtime::current_shard();
    if (shard >= cells_.size()) {
      others_.buffers.fetch_add(buffers, std::memory_order_relaxed);
      others_.bytes.fetch_add(bytes, std::memory_order_relaxed);
      return;
    }
    Cell& cell = cells_[shard];
    cell.buffers.store(cell.buffers.load(std::memory_order_relaxed) + buffers,
                       std::memory_order_relaxed);
    cell.bytes.store(cell.bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }

  std::array<Cell, 8> cells_;
  Cell others_;  // of further shards, workers and all other threads
};

}  // namespace gantry::plugin
