// Decoding headers: one pass over the bytes, no tree, no allocation once warm. JSON is read as
// leniently as the Java peers read it (any key order, unknown keys, numbers as strings); texts come
// out as valid UTF-8, U+FFFD standing for what is not.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "wire/frame.hpp"
#include "wire/header.hpp"

namespace gantry::wire {

inline constexpr uint64_t ext_fields_max = 256;   // one more is an error
inline constexpr uint64_t json_nesting_max = 64;  // of a value that is skipped

// HeaderScratch: memory that decoded headers point into, reused for every frame. Owned by one
// reader, on its thread; what was decoded with it ends with the next decode.
class HeaderScratch {
 public:
  HeaderScratch() = default;
  HeaderScratch(const HeaderScratch&) = delete;
  HeaderScratch& operator=(const HeaderScratch&) = delete;

  // Bytes of text storage held. More than text_bytes_kept_max are given back by the next decode.
  uint64_t text_bytes_held() const { return text_capacity_; }
  static constexpr uint64_t text_bytes_kept_max = 256 * 1024;

 private:
  friend class ScratchWriter;

  std::array<Field, ext_fields_max> fields_;
  std::unique_ptr<char[]> text_;
  uint64_t text_capacity_ = 0;
};

// Decodes the header of `frame` into `out`, which is only set on success. It borrows from the frame
// and from `scratch`.
ErrorCode decode_header(const Frame& frame, HeaderScratch& scratch, Header& out);

struct Message {
  Header header;
  Serialize serialize = Serialize::json;
  Bytes body;
};

// Decodes `bytes`, which must be exactly one frame whose size was checked when it was read.
Result<Message> decode_frame(Bytes bytes, HeaderScratch& scratch);

}  // namespace gantry::wire
