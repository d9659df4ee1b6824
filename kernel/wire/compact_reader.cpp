#include "wire/compact_reader.hpp"

namespace gantry::wire {

ErrorCode CompactReader::read(Header& out) {
  if (static_cast<uint64_t>(end_ - at_) < compact_bytes_min) return Errc::compact_ends_early;
  Header header;
  header.code = take<int16_t>();
  header.language = known_language(take<int8_t>());
  header.version = take<int16_t>();
  header.opaque = take<int32_t>();
  header.flag = take<int32_t>();
  if (const ErrorCode error = text<int32_t>(end_, header.remark)) return error;
  if (header.remark.size == 0) header.remark = {};  // the compact form of no remark

  if (end_ - at_ < static_cast<int64_t>(sizeof(int32_t))) return Errc::compact_ends_early;
  // The Java peers take a negative length, like zero, for no fields.
  const auto fields_bytes = take<int32_t>();
  if (fields_bytes > end_ - at_) return Errc::compact_length_invalid;
  if (fields_bytes > 0) {
    if (const ErrorCode error = fields(at_ + fields_bytes)) return error;
    header.has_fields = true;
    header.fields = writer_.fields();
  }
  if (at_ != end_) return Errc::compact_bytes_left_over;
  out = header;
  return {};
}

ErrorCode CompactReader::fields(const uint8_t* fields_end) {
  while (at_ < fields_end) {
    Text key;
    Text value;
    if (const ErrorCode error = text<int16_t>(fields_end, key)) return error;
    if (const ErrorCode error = text<int32_t>(fields_end, value)) return error;
    if (!writer_.put(key, value)) return Errc::ext_fields_too_many;
  }
  return {};
}

// A length and as many bytes, which end before `end`.
template <std::integral Length>
ErrorCode CompactReader::text(const uint8_t* end, Text& out) {
  if (end - at_ < static_cast<int64_t>(sizeof(Length))) return Errc::compact_ends_early;
  const auto length = take<Length>();
  if (length < 0 || length > end - at_) return Errc::compact_length_invalid;
  out = writer_.valid({reinterpret_cast<const char*>(at_), static_cast<uint64_t>(length)});
  at_ += length;
  return {};
}

}  // namespace gantry::wire
