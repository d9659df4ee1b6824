// ByteSink: bytes being appended, in one growing block that is never zero-filled and is reused
// after clear(). Owned by one writer, on its thread. Pointers into it end with the next append.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/buffer.hpp"

namespace gantry::wire {

class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(ByteSink&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteSink& operator=(ByteSink&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  Bytes bytes() const { return {data_.get(), size_}; }
  uint8_t* data() { return data_.get(); }
  uint64_t size() const { return size_; }
  uint64_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }

  void clear() { size_ = 0; }
  // Back to `size` bytes, no more than there are.
  void truncate(uint64_t size) { size_ = std::min(size_, size); }
  // Gives its memory back if that is more than `bytes`; what was appended is lost.
  void clear_keeping(uint64_t bytes) {
    size_ = 0;
    if (capacity_ <= bytes) return;
    data_.reset();
    capacity_ = 0;
  }

  // Room for `bytes` more at the returned end; commit() says how many of them were written.
  uint8_t* reserve(uint64_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void commit(uint64_t bytes) { size_ += bytes; }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }

 private:
  void grow(uint64_t bytes);

  std::unique_ptr<uint8_t[]> data_;
  uint64_t size_ = 0;
  uint64_t capacity_ = 0;
};

}  // namespace gantry::wire
