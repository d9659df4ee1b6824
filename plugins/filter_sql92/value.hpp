// Value: what an expression computes with, and how RocketMQ's Java compares two of them. Plain data;
// a text is borrowed. Any thread.
//
// The kinds are Java's, since its rules differ by kind: a whole number that fits 32 bits is an int32
// there (filter: ConstantExpression), and a property compared with one must be such a number, too.
#pragma once

#include <gantry/base.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace gantry::filter_sql92 {

enum class Kind : uint8_t { null, boolean, int32, int64, float64, text };

struct Value {
  Kind kind = Kind::null;
  uint32_t size = 0;  // of a text, in bytes
  union {
    int64_t i = 0;  // boolean: 0 or 1
    double f;
    const char* s;
  };

  bool is_null() const { return kind == Kind::null; }
  bool is_true() const { return kind == Kind::boolean && i != 0; }
  bool is_false() const { return kind == Kind::boolean && i == 0; }
  bool is_number() const {
    return kind == Kind::int32 || kind == Kind::int64 || kind == Kind::float64;
  }
  std::string_view text() const { return {s, size}; }
};
static_assert(sizeof(Value) == 16);

inline Value boolean(bool truth) {
  Value value;
  value.kind = Kind::boolean;
  value.i = truth ? 1 : 0;
  return value;
}
inline Value whole(Kind kind, int64_t number) {
  Value value;
  value.kind = kind;
  value.i = number;
  return value;
}
inline Value float64(double number) {
  Value value;
  value.kind = Kind::float64;
  value.f = number;
  return value;
}
// What is beyond 4 GiB of a text is left out.
inline Value text(std::string_view text) {
  Value value;
  value.kind = Kind::text;
  constexpr size_t most = std::numeric_limits<uint32_t>::max();
  value.size = static_cast<uint32_t>(text.size() < most ? text.size() : most);
  value.s = text.data();
  return value;
}

// Names and values are short: looking at both ends, which may overlap, costs less than a call.
inline bool same_bytes(const char* a, const char* b, size_t size) {
  const auto differ = [&](auto word) {
    decltype(word) left[2], right[2];
    std::memcpy(&left[0], a, sizeof word);
    std::memcpy(&right[0], b, sizeof word);
    std::memcpy(&left[1], a + size - sizeof word, sizeof word);
    std::memcpy(&right[1], b + size - sizeof word, sizeof word);
    return ((left[0] ^ right[0]) | (left[1] ^ right[1])) != 0;
  };
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return !differ(uint64_t{});
  if (size >= 4) return !differ(uint32_t{});
  if (size >= 2) return !differ(uint16_t{});
  return size == 0 || *a == *b;
}

inline bool same_text(const Value& a, const Value& b) {
  return a.size == b.size && same_bytes(a.s, b.s, a.size);
}

// What a comparison says; impossible: Java throws, and the message does not match.
enum class Truth : uint8_t { no, yes, unknown, impossible };

// "=". Both are values of expressions, so a property is null or a text.
Truth equal(const Value& a, const Value& b);

// How a is to b, for "<" and its like. Neither is null.
enum class Order : uint8_t { less, same, greater, impossible };
Order order(const Value& a, const Value& b);

// What "-" makes of it: null of what is no number.
Value negated(const Value& value);

// As functions see it. From one: false when it is of no kind that an expression knows.
gantry_value to_abi(const Value& value);
bool from_abi(const gantry_value& given, Value& out);

}  // namespace gantry::filter_sql92
