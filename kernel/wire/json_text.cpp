// JsonReader's strings: most are taken as they lie in the frame, those with escapes are copied.
#include <cstring>

#include "wire/json_reader.hpp"
#include "wire/scan.hpp"

namespace gantry::wire {

// Stands at the opening quote. Looks for the closing one a block at a time.
bool JsonReader::text(Text& out) {
  const char quote = *at_++;
  const char* const first = at_;
  Block::Mask not_ascii = 0;
  const auto finish = [&](const char* stop) {
    if (*stop == '\\') return text_with_escapes(first, quote, out);
    at_ = stop + 1;
    out = {first, static_cast<uint64_t>(stop - first)};
    if (not_ascii != 0) out = writer_.valid(out);
    return true;
  };
  const char* at = first;
  for (; static_cast<uint64_t>(end_ - at) >= Block::bytes; at += Block::bytes) {
    const Block block(at);
    const Block::Mask stops = block.equal(quote) | block.equal('\\');
    if (stops != 0) {
      not_ascii |= block.not_ascii() & before_first(stops);
      return finish(at + first_marked(stops));
    }
    not_ascii |= block.not_ascii();
  }
  for (; at < end_; ++at) {
    if (*at == quote || *at == '\\') return finish(at);
    not_ascii |= static_cast<uint8_t>(*at) & 0x80U;
  }
  at_ = end_;
  return fail(Errc::json_ends_early);
}

// Copies the string that starts at `first`, resolving escapes. Blocks are written whole: what is
// behind a stop is overwritten by what comes next, and the storage has room for one more block.
bool JsonReader::text_with_escapes(const char* first, char quote, Text& out) {
  char* to = writer_.text();
  Block::Mask not_ascii = 0;
  at_ = first;
  while (at_ < end_) {
    if (static_cast<uint64_t>(end_ - at_) >= Block::bytes) {
      const Block block(at_);
      block.store(to);
      const Block::Mask stops = block.equal(quote) | block.equal('\\');
      not_ascii |= block.not_ascii() & (stops == 0 ? ~Block::Mask{0} : before_first(stops));
      const uint64_t plain = stops == 0 ? Block::bytes : first_marked(stops);
      at_ += plain;
      to += plain;
      if (stops == 0) continue;
    } else if (*at_ != quote && *at_ != '\\') {
      not_ascii |= static_cast<uint8_t>(*at_) & 0x80U;
      *to++ = *at_++;
      continue;
    }
    if (*at_++ == quote) {
      out = writer_.finish_text(to);
      // An escape can't complete a broken character before it, so mending afterwards is enough.
      if (not_ascii != 0) out = writer_.valid(out);
      return true;
    }
    if (!unescape(to)) return false;
  }
  return fail(Errc::json_ends_early);
}

// Stands behind the backslash.
bool JsonReader::unescape(char*& to) {
  constexpr std::string_view letters = "\"'\\/bfnrt";
  constexpr std::string_view characters = "\"'\\/\b\f\n\r\t";
  if (at_ == end_) return fail(Errc::json_ends_early);
  const char letter = *at_++;
  if (letter == 'u') return unescape_unicode(to);
  const size_t which = letters.find(letter);
  if (which == std::string_view::npos) return fail(Errc::json_string_malformed);
  *to++ = characters[which];
  return true;
}

// Stands behind \u. Half a surrogate pair is no character: it becomes a replacement.
bool JsonReader::unescape_unicode(char*& to) {
  constexpr uint32_t lone_surrogate = 0xFFFD;
  // Nearly all are the separators of properties: \u0001 and \u0002.
  if (end_ - at_ >= 4 && std::memcmp(at_, "000", 3) == 0 && at_[3] >= '0' && at_[3] <= '9') {
    *to++ = static_cast<char>(at_[3] - '0');
    at_ += 4;
    return true;
  }
  uint32_t c = 0;
  if (!hex4(c)) return false;
  if (c >= 0xD800 && c < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
    const char* const second = at_;
    at_ += 2;
    uint32_t low = 0;
    if (!hex4(low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      to = put_utf8(to, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      return true;
    }
    at_ = second;  // a character of its own
  }
  to = put_utf8(to, c >= 0xD800 && c < 0xE000 ? lone_surrogate : c);
  return true;
}

bool JsonReader::hex4(uint32_t& out) {
  if (end_ - at_ < 4) return fail(Errc::json_ends_early);
  out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *at_++;
    const char lower = static_cast<char>(c | 0x20);
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<uint32_t>(lower - 'a' + 10);
    } else {
      return fail(Errc::json_string_malformed);
    }
    out = out << 4 | digit;
  }
  return true;
}

}  // namespace gantry::wire
