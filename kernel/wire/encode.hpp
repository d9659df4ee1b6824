// Encoding: everything of a frame that comes before its body.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "wire/byte_sink.hpp"
#include "wire/frame.hpp"
#include "wire/header.hpp"

namespace gantry::wire {

// Can the compact form say this header? It has 16 bits for code and version (POP codes have more)
// and for the length of a key.
bool fits_compact(const Header& header);

// Appends length word, header length and header of a frame whose `body_bytes` of body the caller
// sends after it. A header that does not fit compact goes out as JSON: every peer reads the
// serialization of each frame. Every field value becomes a JSON string, and `extFields` is written
// whenever has_fields says so; bytes that are not UTF-8 become U+FFFD.
// If the frame would be larger than `frame_bytes_max`, nothing is appended.
ErrorCode encode_head(Serialize serialize, const Header& header, uint64_t body_bytes, ByteSink& out,
                      uint64_t frame_bytes_max = frame_bytes_max_default);

}  // namespace gantry::wire
