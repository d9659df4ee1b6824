// UTF-8 one code point at a time, for hashes and JSON. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::protocol {

struct CodePoint {
  std::uint32_t value = 0;  // U+FFFD when the bytes are not UTF-8
  std::size_t bytes = 1;    // how many were read
  bool valid = true;
};

// The code point at the head of `text`, which is not empty. Shortest forms only, no surrogates.
CodePoint decode_utf8(std::string_view text);

void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace gantry::protocol
