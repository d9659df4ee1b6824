#include <cstdlib>
#include <limits>

#include "protocol/bytes.hpp"
#include "protocol/ids.hpp"
#include "protocol/utf8.hpp"

namespace gantry::protocol {

std::int32_t string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  while (!utf8.empty()) {
    const CodePoint point = decode_utf8(utf8);
    utf8.remove_prefix(point.bytes);
    if (point.value < 0x10000) {
      hash = hash * 31 + point.value;
    } else {
      hash = hash * 31 + (0xd800 + ((point.value - 0x10000) >> 10));
      hash = hash * 31 + (0xdc00 + ((point.value - 0x10000) & 0x3ff));
    }
  }
  return static_cast<std::int32_t>(hash);
}

std::int64_t tag_code(std::string_view tag) {
  return string_hash(tag);
}

// Math.abs of the smallest integer is itself, and then 0 is taken (store: IndexFile).
std::int32_t index_key_hash(std::string_view key) {
  const std::int32_t hash = string_hash(key);
  return hash == std::numeric_limits<std::int32_t>::min() ? 0 : std::abs(hash);
}

std::string upper_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
    out.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view digits) {
  const auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = value(digits[i]);
    const int low = value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

}  // namespace gantry::protocol
