// FrameReader: cuts what is read from one connection into frames. Frames that arrive whole are
// views of the shard's shared read buffer; only an unfinished one is kept, in a buffer as large as
// what has arrived justifies: a length word alone makes nobody allocate 16 MiB. One per connection,
// on its shard.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "wire/frame.hpp"

namespace gantry::net {

class FrameReader {
 public:
  explicit FrameReader(uint64_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  enum class Status : uint8_t { frame, more, malformed };
  struct Next {
    Status status;
    wire::Frame frame;  // valid, like `bytes`, until the next call
    Bytes bytes;        // the whole frame
    Buffer* holding;    // null: it lies in the shared buffer
    ErrorCode error;    // malformed
  };

  // Where the next read goes: what is missing of a large unfinished frame, then the shared buffer.
  int targets(std::span<uint8_t> shared, std::span<iovec, 2> out);
  // `bytes` of those targets were filled.
  void received(std::span<uint8_t> shared, uint64_t bytes);
  // The next whole frame; `more` once everything received is used up.
  Next next();

  // Keeps unread frames aside, since the shared buffer is needed by others; resume() goes on with
  // them.
  void put_aside();
  void resume();

  // Bytes of memory held between reads.
  uint64_t held() const {
    return (partial_ ? partial_->size() : 0) + aside_.capacity() + current_aside_.capacity();
  }

 private:
  Next next_of_partial();
  Next more();
  static Next malformed(const ErrorCode& error);
  bool fill(uint64_t wanted);
  void reserve(uint64_t bytes, uint64_t wanted);

  const uint64_t frame_bytes_max_;
  Bytes unread_;       // of the shared buffer or of current_aside_
  BufferRef partial_;  // the unfinished frame
  uint64_t filled_ = 0;
  uint64_t total_ = 0;  // of the unfinished frame; 0 while its length word is incomplete
  BufferRef finished_;  // the last frame handed out, if it had a buffer of its own
  std::vector<uint8_t> aside_;
  std::vector<uint8_t> current_aside_;
};

}  // namespace gantry::net
