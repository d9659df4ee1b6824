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

bool is_ascii(std::string_view text);
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
