// UTF-8, private to wire: where a text stops being valid, and the way the Java peers mend it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gantry::wire {

inline constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// One character, or the bytes that can't be one and count as one replacement.
struct Utf8Step {
  uint8_t bytes;
  bool valid;
};
Utf8Step utf8_step(const char* at, const char* end);

inline bool is_ascii(std::string_view text) {
  constexpr uint64_t highs = 0x8080808080808080;
  uint64_t seen = 0;
  uint64_t word = 0;
  const auto look = [&](const char* at) {
    std::memcpy(&word, at, sizeof word);
    seen |= word;
  };
  if (text.size() >= sizeof word) {
    const char* const last = text.data() + text.size() - sizeof word;
    for (const char* at = text.data(); at < last; at += sizeof word) look(at);
    look(last);
    return (seen & highs) == 0;
  }
  for (const char c : text) seen |= static_cast<uint8_t>(c);
  return (seen & highs) == 0;
}
bool is_utf8(std::string_view text);

// Writes `text` to `to`, what is invalid replaced: at most three times its size. Answers the end.
char* mend_utf8(std::string_view text, char* to);

// Writes one character; the number is below 0x110000 and no surrogate. Answers the end.
inline char* put_utf8(char* to, uint32_t c) {
  const auto put = [&to](uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return to;
}

}  // namespace gantry::wire
