#include "wire/utf8.hpp"

namespace gantry::wire {
namespace {

constexpr uint64_t high_bits = 0x8080808080808080;

// How far `text` is ASCII, in steps of a word; the last few bytes are the caller's.
uint64_t ascii_words(std::string_view text) {
  uint64_t at = 0;
  for (uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  return at;
}

}  // namespace

// The second byte's range rules out overlong forms, surrogates and what lies above 0x10FFFF.
Utf8Step utf8_step(const char* at, const char* end) {
  const auto first = static_cast<uint8_t>(*at);
  if (first < 0x80) return {1, true};
  if (first < 0xC2 || first > 0xF4) return {1, false};
  const uint8_t wanted = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (uint8_t i = 1; i < wanted; ++i) {
    if (at + i == end) return {i, false};
    const auto next = static_cast<uint8_t>(at[i]);
    if (next < low || next > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {wanted, true};
}

bool is_utf8(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data() + ascii_words(text); at < end;) {
    const Utf8Step step = utf8_step(at, end);
    if (!step.valid) return false;
    at += step.bytes;
  }
  return true;
}

char* mend_utf8(std::string_view text, char* to) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    const Utf8Step step = utf8_step(at, end);
    const std::string_view piece = step.valid ? std::string_view(at, step.bytes) : replacement;
    std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
    at += step.bytes;
  }
  return to;
}

}  // namespace gantry::wire
