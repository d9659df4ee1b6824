// Tail: the newest units of one queue in memory, from a unit number on without holes. Owned by its
// Queue and used under the queue's lock. The first chunk starts small and grows, the rest are added
// whole, so a quiet queue costs a few hundred bytes and a busy one never copies more than one
// chunk.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "unit.hpp"

namespace gantry::store_file {

template <class Unit>
class Tail {
 public:
  static constexpr uint32_t chunk_units = 512;
  static constexpr uint32_t chunk_units_min = 8;

  int64_t begin() const { return begin_; }
  int64_t end() const { return begin_ + size_; }
  bool empty() const { return size_ == 0; }
  uint64_t bytes() const;

  // The unit with a number in [begin, end).
  const Unit& at(int64_t number) const {
    const auto index = static_cast<uint64_t>(number - begin_);
    return chunks_[index / chunk_units][index % chunk_units];
  }

  // Puts the empty tail at a unit number.
  void restart(int64_t number);
  void append(const Unit& unit);
  // Frees whole chunks of units below `number`; all of them when nothing is left above it.
  void drop_below(int64_t number);
  // Forgets units at and above `number`; the tail begins there when that is below begin().
  void cut(int64_t number);

 private:
  using Chunk = std::unique_ptr<Unit[]>;

  void grow();

  int64_t begin_ = 0;
  int64_t size_ = 0;
  std::vector<Chunk> chunks_;    // all but a single first one hold chunk_units
  uint32_t first_capacity_ = 0;  // of chunks_[0]; chunk_units as soon as there is a second
};

extern template class Tail<gantry_index_entry>;
extern template class Tail<BatchUnit>;

}  // namespace gantry::store_file
