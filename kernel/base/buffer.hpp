// Buffer: a counted run of bytes that several readers hold at once. Made with one reference; any
// thread may retain and release; the last release destroys it. Subclasses decide what the bytes
// are: heap memory, a received read, a pinned part of the log.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace gantry {

using Bytes = std::span<const uint8_t>;

class Buffer {
 public:
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }
  uint8_t* data() noexcept { return data_; }
  const uint8_t* data() const noexcept { return data_; }
  uint64_t size() const noexcept { return size_; }
  bool shared() const noexcept { return references_.load(std::memory_order_acquire) > 1; }

 protected:
  Buffer(uint8_t* data, uint64_t size) noexcept : data_(data), size_(size) {}
  virtual ~Buffer() = default;
  virtual void destroy() noexcept { delete this; }

  uint8_t* data_;
  uint64_t size_;

 private:
  std::atomic<uint32_t> references_{1};
};

// BufferRef: one owned reference, or none.
class BufferRef {
 public:
  BufferRef() = default;
  static BufferRef adopt(Buffer* buffer) noexcept { return BufferRef(buffer); }
  static BufferRef share(Buffer* buffer) noexcept {
    if (buffer) buffer->retain();
    return BufferRef(buffer);
  }
  BufferRef(const BufferRef& other) noexcept : buffer_(other.buffer_) {
    if (buffer_) buffer_->retain();
  }
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef() {
    if (buffer_) buffer_->release();
  }
  Buffer* get() const noexcept { return buffer_; }
  Buffer* operator->() const noexcept { return buffer_; }
  Buffer* detach() noexcept { return std::exchange(buffer_, nullptr); }
  explicit operator bool() const noexcept { return buffer_ != nullptr; }

 private:
  explicit BufferRef(Buffer* buffer) noexcept : buffer_(buffer) {}
  Buffer* buffer_ = nullptr;
};

// Slice: bytes and what keeps them alive. Without an owner the bytes outlive every user (constants).
struct Slice {
  Bytes bytes;
  BufferRef owner;
};

// A heap buffer of `size` bytes, uninitialised, one reference.
BufferRef make_buffer(uint64_t size);

// A heap buffer that holds a copy of `bytes`.
BufferRef copy_to_buffer(Bytes bytes);

}  // namespace gantry
