#include "wire/encode.hpp"

#include <limits>

#include "base/endian.hpp"
#include "wire/compact_writer.hpp"
#include "wire/json_writer.hpp"

namespace gantry::wire {
namespace {

template <class Number>
bool fits(uint64_t value) {
  return value <= static_cast<uint64_t>(std::numeric_limits<Number>::max());
}

bool fits_i16(int32_t value) {
  return value == static_cast<int16_t>(value);
}

// What the texts of a header take as they are; everything else is small and counted per field.
uint64_t text_bytes(const Header& header) {
  uint64_t bytes = header.remark.size;
  if (!header.has_fields) return bytes;
  for (const Field& field : header.fields) bytes += field.key.size + field.value.size;
  return bytes;
}

}  // namespace

bool fits_compact(const Header& header) {
  if (!fits_i16(header.code) || !fits_i16(header.version)) return false;
  if (!header.has_fields) return true;
  for (const Field& field : header.fields) {
    if (!fits<int16_t>(field.key.size)) return false;
  }
  return true;
}

ErrorCode encode_head(Serialize serialize, const Header& header, uint64_t body_bytes, ByteSink& out,
                      uint64_t frame_bytes_max) {
  const uint64_t texts = text_bytes(header);
  if (texts > header_bytes_max) return Errc::header_oversized;
  if (serialize == Serialize::compact && !fits_compact(header)) serialize = Serialize::json;

  const uint64_t start = out.size();
  out.reserve(prefix_bytes);
  out.commit(prefix_bytes);
  if (serialize == Serialize::json) {
    write_json(header, texts, out);
  } else {
    write_compact(header, texts, out);
  }
  const uint64_t header_bytes = out.size() - start - prefix_bytes;
  const bool header_fits = header_bytes <= header_bytes_max;
  const uint64_t head_bytes = prefix_bytes + header_bytes;
  const uint64_t size_max = std::min(frame_bytes_max, length_bytes + uint64_t{0x7fffffff});
  if (!header_fits || head_bytes > size_max || body_bytes > size_max - head_bytes) {
    out.truncate(start);
    return header_fits ? Errc::frame_oversized : Errc::header_oversized;
  }
  uint8_t* const prefix = out.data() + start;
  store_be(prefix, static_cast<uint32_t>(head_bytes - length_bytes + body_bytes));
  store_be(prefix + length_bytes,
           static_cast<uint32_t>(serialize) << 24 | static_cast<uint32_t>(header_bytes));
  return {};
}

}  // namespace gantry::wire
