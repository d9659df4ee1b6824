// Strong: a number that cannot be mistaken for another number of the same width.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace gantry {

template <class Tag, class Rep>
struct Strong {
  Rep value{};

  constexpr Strong() = default;
  constexpr explicit Strong(Rep v) : value(v) {}

  friend constexpr auto operator<=>(Strong, Strong) = default;
  constexpr Strong operator+(Rep distance) const { return Strong(value + distance); }
  constexpr Strong& operator+=(Rep distance) {
    value += distance;
    return *this;
  }
  constexpr Rep operator-(Strong other) const { return value - other.value; }
};

using LogOffset = Strong<struct LogOffsetTag, int64_t>;      // byte position in the CommitLog
using QueueOffset = Strong<struct QueueOffsetTag, int64_t>;  // number of a record in a queue
using SessionId = Strong<struct SessionTag, uint64_t>;       // never reused; 0 is the node itself
using Token = Strong<struct TokenTag, uint64_t>;             // slot and generation; 0 is none

}  // namespace gantry

template <class Tag, class Rep>
struct std::hash<gantry::Strong<Tag, Rep>> {
  size_t operator()(gantry::Strong<Tag, Rep> s) const noexcept { return std::hash<Rep>{}(s.value); }
};
