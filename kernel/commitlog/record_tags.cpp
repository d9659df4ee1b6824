// The tag code of a record: what a queue index keeps of its TAGS property.
#include <string_view>

#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

constexpr char name_end = 1;
constexpr char property_end = 2;

// Decodes one UTF-8 code point as Java does: what is malformed becomes U+FFFD, one byte at a time.
uint32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(at++);
  if (lead < 0x80) return lead;
  size_t more = 0;
  uint32_t code = 0;
  uint32_t least = 0;
  if ((lead & 0xE0) == 0xC0)
    more = 1, code = lead & 0x1F, least = 0x80;
  else if ((lead & 0xF0) == 0xE0)
    more = 2, code = lead & 0x0F, least = 0x800;
  else if ((lead & 0xF8) == 0xF0)
    more = 3, code = lead & 0x07, least = 0x10000;
  else
    return 0xFFFD;
  for (size_t i = 0; i < more; i++) {
    if (!continues(at + i)) return 0xFFFD;
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  if (code < least || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return 0xFFFD;
  at += more;
  return code;
}

}  // namespace

int64_t java_hash(Text text) {
  uint32_t hash = 0;
  for (size_t at = 0; at < text.size;) {
    uint32_t code = next_code_point(text, at);
    if (code >= 0x10000) {
      code -= 0x10000;
      hash = 31 * hash + (0xD800 + (code >> 10));
      code = 0xDC00 + (code & 0x3FF);
    }
    hash = 31 * hash + code;
  }
  return static_cast<int32_t>(hash);
}

int64_t tag_code_of(Text property_text) {
  constexpr std::string_view wanted = "TAGS";
  std::string_view rest = property_text;
  std::string_view tags;
  while (!rest.empty()) {
    const size_t end = rest.find(property_end);
    const std::string_view piece = rest.substr(0, end);
    if (piece.size() > wanted.size() + 1 && piece[wanted.size()] == name_end &&
        piece.starts_with(wanted))
      tags = piece.substr(wanted.size() + 1);  // the last one counts
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return java_hash(tags);
}

}  // namespace gantry::commitlog
