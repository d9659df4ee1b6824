// Where something stands in an expression, as people count. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cpp/filter.hpp"

namespace gantry::sdk {

// Line and column of a byte of UTF-8 text, in characters from 1; a broken byte is a character.
struct Place {
  uint32_t line = 1;
  uint32_t column = 1;
};

inline Place place_of(std::string_view text, size_t at) {
  Place place;
  for (const char c : text.substr(0, at)) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if (!continues) {
      ++place.column;
    }
  }
  return place;
}

// What is wrong at a byte of the text, for compile() to throw.
inline ExpressionError wrong_at(std::string_view text, size_t at, const std::string& what) {
  const Place place = place_of(text, at);
  return ExpressionError(place.line, place.column,
                         "line " + std::to_string(place.line) + ", column " +
                             std::to_string(place.column) + ": " + what);
}

}  // namespace gantry::sdk
