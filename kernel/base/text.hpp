// Text and Field: borrowed characters in the layout of the C ABI (pointer first, 64-bit size), so a
// decoded header is handed to a plugin without being rewritten.
#pragma once

#include <cstdint>
#include <string_view>

namespace gantry {

struct Text {
  const char* data = nullptr;
  uint64_t size = 0;

  constexpr Text() = default;
  constexpr Text(const char* d, uint64_t n) : data(d), size(n) {}
  constexpr Text(std::string_view s) : data(s.data()), size(s.size()) {}  // NOLINT: a view is a Text
  constexpr std::string_view view() const { return {data, size}; }
  constexpr operator std::string_view() const { return view(); }  // NOLINT
};

struct Field {
  Text key;
  Text value;
};

}  // namespace gantry
