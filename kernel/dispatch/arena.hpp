// Arena: scratch memory for one call. Owned by a shard or a thread, reset between calls; keeps its
// first block, so a warm call allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace gantry::dispatch {

class Arena {
 public:
  static constexpr uint64_t block_bytes = 16 * 1024;
  static constexpr uint64_t size_max = uint64_t{4} << 30;  // far above what a call needs

  // `size` bytes aligned to 16, valid until reset(). Throws bad_alloc above size_max, and where
  // there is no memory.
  uint8_t* take(uint64_t size) {
    if (size > size_max) throw std::bad_alloc();
    const uint64_t rounded = (size + 15) & ~uint64_t{15};
    if (rounded > left_) return take_slow(rounded);
    uint8_t* at = next_;
    next_ += rounded;
    left_ -= rounded;
    return at;
  }
  void reset() {
    if (!extra_.empty()) extra_.clear();
    next_ = first_.get();
    left_ = first_ ? block_bytes : 0;
  }

 private:
  uint8_t* take_slow(uint64_t rounded) {
    if (!first_ && rounded <= block_bytes) {
      first_ = std::make_unique_for_overwrite<uint8_t[]>(block_bytes);
      next_ = first_.get() + rounded;
      left_ = block_bytes - rounded;
      return first_.get();
    }
    extra_.push_back(std::make_unique_for_overwrite<uint8_t[]>(rounded));
    return extra_.back().get();
  }

  std::unique_ptr<uint8_t[]> first_;
  std::vector<std::unique_ptr<uint8_t[]>> extra_;
  uint8_t* next_ = nullptr;
  uint64_t left_ = 0;
};

}  // namespace gantry::dispatch
