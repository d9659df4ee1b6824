// CompactReader: reads one compact header. Private to wire; lives on the decoder's stack.
//
//   code i16 | language i8 | version i16 | opaque i32 | flag i32 | remark i32 + text |
//   fields' bytes i32 | fields, each: key i16 + text, value i32 + text
#pragma once

#include <cstdint>

#include "base/endian.hpp"
#include "wire/errc.hpp"
#include "wire/header.hpp"
#include "wire/scratch_writer.hpp"

namespace gantry::wire {

inline constexpr uint64_t compact_bytes_min = 21;  // without remark and fields

class CompactReader {
 public:
  CompactReader(Bytes header, ScratchWriter& writer)
      : at_(header.data()), end_(at_ + header.size()), writer_(writer) {}

  ErrorCode read(Header& out);

 private:
  ErrorCode fields(const uint8_t* fields_end);
  template <std::integral Length>
  ErrorCode text(const uint8_t* end, Text& out);

  template <std::integral T>
  T take() {
    const T value = load_be<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  const uint8_t* at_;
  const uint8_t* const end_;
  ScratchWriter& writer_;
};

}  // namespace gantry::wire
