#include "base/buffer.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace gantry {
namespace {

// Header and bytes in one allocation: one malloc, one free, one cache line to start with.
class HeapBuffer final : public Buffer {
 public:
  static HeapBuffer* make(uint64_t size) {
    void* memory = std::malloc(sizeof(HeapBuffer) + size);
    if (!memory) throw std::bad_alloc();
    return new (memory) HeapBuffer(static_cast<uint8_t*>(memory) + sizeof(HeapBuffer), size);
  }

 private:
  using Buffer::Buffer;
  void destroy() noexcept override {
    this->~HeapBuffer();
    std::free(static_cast<void*>(this));
  }
};

}  // namespace

BufferRef make_buffer(uint64_t size) { return BufferRef::adopt(HeapBuffer::make(size)); }

BufferRef copy_to_buffer(Bytes bytes) {
  BufferRef buffer = make_buffer(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return buffer;
}

}  // namespace gantry
