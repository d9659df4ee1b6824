// What the wire tests share: bytes from hex, frames made by hand, headers that own their texts.
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/endian.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace gantry::wire::testing {

using ByteString = std::vector<uint8_t>;

inline ByteString bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

// Digits in pairs, with spaces between them where the reader likes them.
inline ByteString from_hex(std::string_view hex) {
  ByteString bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    while (hex[i] == ' ') ++i;
    uint8_t byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(byte);
  }
  return bytes;
}

inline ByteString make_frame(uint8_t serialization, Bytes header, std::string_view body = {}) {
  ByteString frame(prefix_bytes);
  store_be(frame.data(), static_cast<uint32_t>(4 + header.size() + body.size()));
  store_be(frame.data() + 4, static_cast<uint32_t>(serialization << 24 | header.size()));
  frame.insert(frame.end(), header.begin(), header.end());
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

// A header that outlives its frame and can be compared. Fields in any order: it is a map on the
// wire.
struct OwnedHeader {
  int32_t code = 0;
  int32_t language = 0;
  int32_t version = 0;
  int32_t opaque = 0;
  int32_t flag = 0;
  std::optional<std::string> remark;
  std::optional<std::map<std::string, std::string>> fields;

  bool operator==(const OwnedHeader&) const = default;
};

inline OwnedHeader own(const Header& header) {
  OwnedHeader owned = {header.code, header.language, header.version, header.opaque,
                       header.flag, std::nullopt,    std::nullopt};
  if (has_remark(header)) owned.remark = std::string(header.remark.view());
  if (!header.has_fields) return owned;
  owned.fields.emplace();
  for (const Field& field : header.fields) {
    owned.fields->emplace(field.key.view(), field.value.view());
  }
  return owned;
}

// The compact form has no empty remark and no empty map.
inline OwnedHeader as_compact_says(OwnedHeader header) {
  if (header.remark && header.remark->empty()) header.remark.reset();
  if (header.fields && header.fields->empty()) header.fields.reset();
  return header;
}

inline std::ostream& operator<<(std::ostream& out, const OwnedHeader& header) {
  out << "code " << header.code << " language " << header.language << " version " << header.version
      << " opaque " << header.opaque << " flag " << header.flag << " remark "
      << header.remark.value_or("(none)");
  if (!header.fields) return out << " no fields";
  for (const auto& [key, value] : *header.fields) out << " [" << key << "]=[" << value << "]";
  return out;
}

struct Decoded {
  ErrorCode error;
  OwnedHeader header;
};

// Decodes a header without a frame around it. Its bytes lie alone in their block, so that a
// sanitizer sees every read past them.
inline Decoded decode_alone(Serialize serialize, std::string_view bytes) {
  const ByteString exact = bytes_of(bytes);
  HeaderScratch scratch;
  Header header;
  const ErrorCode error = decode_header({serialize, exact, {}, 0}, scratch, header);
  if (error) return {error, {}};
  return {{}, own(header)};
}
inline Decoded decode_json(std::string_view text) {
  return decode_alone(Serialize::json, text);
}

// The header as it arrives after being encoded.
inline OwnedHeader round_trip(Serialize serialize, const Header& header) {
  ByteSink sink;
  if (encode_head(serialize, header, 0, sink)) return {};
  HeaderScratch scratch;
  const auto message = decode_frame(sink.bytes(), scratch);
  return message ? own(message->header) : OwnedHeader{};
}

}  // namespace gantry::wire::testing
