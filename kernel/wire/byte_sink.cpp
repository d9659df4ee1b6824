#include "wire/byte_sink.hpp"

namespace gantry::wire {

void ByteSink::grow(uint64_t bytes) {
  constexpr uint64_t first_bytes = 512;
  const uint64_t capacity = std::max({size_ + bytes, 2 * capacity_, first_bytes});
  std::unique_ptr<uint8_t[]> larger(new uint8_t[capacity]);  // not zeroed, unlike make_unique
  if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
  data_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace gantry::wire
