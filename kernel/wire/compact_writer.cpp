#include "wire/compact_writer.hpp"

#include "base/endian.hpp"
#include "wire/compact_reader.hpp"

namespace gantry::wire {
namespace {

constexpr uint64_t field_bytes = sizeof(int16_t) + sizeof(int32_t);  // without its texts

template <class T>
uint8_t* put(uint8_t* to, T value) {
  store_be(to, value);
  return to + sizeof value;
}

uint8_t* put_text(uint8_t* to, Text text) {
  if (text.size > 0) std::memcpy(to, text.data, text.size);
  return to + text.size;
}

}  // namespace

void write_compact(const Header& header, uint64_t text_bytes, ByteSink& out) {
  const uint64_t field_count = header.has_fields ? header.fields.size() : 0;
  const uint64_t size = compact_bytes_min + text_bytes + field_count * field_bytes;
  const uint64_t fields_size = size - compact_bytes_min - header.remark.size;
  uint8_t* to = out.reserve(size);
  to = put(to, static_cast<int16_t>(header.code));
  to = put(to, static_cast<int8_t>(known_language(header.language)));
  to = put(to, static_cast<int16_t>(header.version));
  to = put(to, header.opaque);
  to = put(to, header.flag);
  to = put(to, static_cast<int32_t>(header.remark.size));
  to = put_text(to, header.remark);
  to = put(to, static_cast<int32_t>(fields_size));
  for (const Field& field : header.fields.first(field_count)) {
    to = put(to, static_cast<int16_t>(field.key.size));
    to = put_text(to, field.key);
    to = put(to, static_cast<int32_t>(field.value.size));
    to = put_text(to, field.value);
  }
  out.commit(size);
}

}  // namespace gantry::wire
