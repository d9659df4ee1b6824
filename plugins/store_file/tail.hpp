// Tail: the newest units of one queue in memory, from a queue offset on without holes. Owned by its
// Queue and used under the queue's lock. The first chunk starts small and grows, the rest are added
// whole, so a quiet queue costs a few hundred bytes and a busy one never copies more than one
// chunk.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace gantry::store_file {

class Tail {
 public:
  static constexpr uint32_t chunk_units = 512;
  static constexpr uint32_t chunk_units_min = 8;

  int64_t begin() const { return begin_; }
  int64_t end() const { return begin_ + size_; }
  bool empty() const { return size_ == 0; }
  uint64_t bytes() const;

  // The unit at a queue offset in [begin, end).
  const gantry_index_entry& at(int64_t offset) const {
    const auto index = static_cast<uint64_t>(offset - begin_);
    return chunks_[index / chunk_units][index % chunk_units];
  }
  // Copies units from `offset` on; returns how many.
  uint32_t copy(int64_t offset, gantry_index_entry* out, uint32_t capacity) const;

  // Puts the empty tail at a queue offset.
  void restart(int64_t offset);
  void append(const gantry_index_entry& unit);
  // Frees whole chunks of units below `offset`; all of them when nothing is left above it.
  void drop_below(int64_t offset);
  // Forgets units at and above `offset`, which is at least begin().
  void cut(int64_t offset);

 private:
  using Chunk = std::unique_ptr<gantry_index_entry[]>;

  void grow();

  int64_t begin_ = 0;
  int64_t size_ = 0;
  std::vector<Chunk> chunks_;    // all but a single first one hold chunk_units
  uint32_t first_capacity_ = 0;  // of chunks_[0]; chunk_units as soon as there is a second
};

}  // namespace gantry::store_file
