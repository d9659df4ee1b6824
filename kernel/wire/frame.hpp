// Frame: where one frame lies in received bytes. It borrows those bytes and copies nothing.
//
//   length i32 | serialization u8 | header length u24 | header | body
//
// The length counts what follows it. Functions are pure, for any thread.
#pragma once

#include <cstdint>

#include "base/buffer.hpp"
#include "wire/errc.hpp"
#include "wire/header.hpp"

namespace gantry::wire {

inline constexpr uint64_t length_bytes = 4;
inline constexpr uint64_t prefix_bytes = 8;  // length, serialization and header length
inline constexpr uint64_t header_bytes_max = 0xffffff;
// What every RocketMQ peer accepts unless it was configured otherwise, length word included.
inline constexpr uint64_t frame_bytes_max_default = 16 * 1024 * 1024;

struct Frame {
  Serialize serialize = Serialize::json;
  Bytes header;
  Bytes body;
  uint64_t size = 0;  // of the whole frame, length word included
};

enum class FrameStatus : uint8_t { complete, incomplete, malformed };

struct NextFrame {
  FrameStatus status = FrameStatus::incomplete;
  Frame frame;          // complete
  uint64_t needed = 0;  // incomplete: bytes of the whole frame; length_bytes while that is unknown
  ErrorCode error;      // malformed
};

// The frame `input` starts with. What is wrong is reported as soon as the bytes that say it are
// there, so nobody buffers the rest of a frame that will be refused.
NextFrame next_frame(Bytes input, uint64_t frame_bytes_max);

}  // namespace gantry::wire
