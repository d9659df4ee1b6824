// Scanning texts a block at a time; private to wire. With SSE2 a block is 16 bytes, elsewhere a
// word.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gantry::wire {

// A bit mask with one group of bits for each byte of a block, in the order of the bytes.
#if defined(__SSE2__)

struct Block {
  static constexpr uint64_t bytes = 16;
  static constexpr int bits_per_byte = 1;
  using Mask = uint32_t;

  explicit Block(const void* from) : value(_mm_loadu_si128(static_cast<const __m128i*>(from))) {}
  void store(void* to) const { _mm_storeu_si128(static_cast<__m128i*>(to), value); }

  Mask equal(char c) const { return mask(_mm_cmpeq_epi8(value, _mm_set1_epi8(c))); }
  Mask not_ascii() const { return mask(value); }
  // Control characters and everything that is not ASCII: below a space as signed bytes.
  Mask not_plain() const { return mask(_mm_cmplt_epi8(value, _mm_set1_epi8(' '))); }

  static Mask mask(__m128i v) { return static_cast<Mask>(_mm_movemask_epi8(v)); }
  __m128i value;
};

#else

// Borrows between bytes can only mark bytes behind a marked one, so the first mark is always right.
struct Block {
  static constexpr uint64_t bytes = 8;
  static constexpr int bits_per_byte = 8;
  using Mask = uint64_t;
  static constexpr uint64_t ones = 0x0101010101010101;
  static constexpr uint64_t highs = 0x8080808080808080;

  explicit Block(const void* from) { std::memcpy(&value, from, bytes); }
  void store(void* to) const { std::memcpy(to, &value, bytes); }

  Mask equal(char c) const {
    const uint64_t x = value ^ (ones * static_cast<uint8_t>(c));
    return (x - ones) & ~x & highs;
  }
  Mask not_ascii() const { return value & highs; }
  Mask not_plain() const { return ((value - ones * ' ') & ~value & highs) | not_ascii(); }

  uint64_t value;
};

#endif

// How many bytes lie before the first one that is marked.
inline uint64_t first_marked(Block::Mask mask) {
  return static_cast<uint64_t>(std::countr_zero(mask)) / Block::bits_per_byte;
}

// The marks before the first one of `mask`.
inline Block::Mask before_first(Block::Mask mask) {
  return (mask & (0 - mask)) - 1;
}

}  // namespace gantry::wire
