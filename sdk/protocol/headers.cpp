#include "protocol/headers.hpp"

#include <charconv>

namespace gantry::protocol {
namespace {

template <class Int>
std::optional<Int> parse_whole(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  Int number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int32_t> parse_i32(std::string_view text) {
  return parse_whole<std::int32_t>(text);
}

std::optional<std::int64_t> parse_i64(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

bool parse_bool(std::string_view text) {
  static constexpr std::string_view word = "true";
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((text[i] | 0x20) != word[i]) return false;
  }
  return true;
}

namespace detail {

Error missing_field(std::string_view name) {
  return error("the request header has no field " + std::string(name));
}

Error malformed_field(std::string_view name, std::string_view value, std::string_view wanted) {
  static constexpr std::size_t shown_bytes_max = 100;
  std::string shown(value.substr(0, shown_bytes_max));
  if (value.size() > shown_bytes_max) shown += "...";
  return error("the request header's field " + std::string(name) + " is \"" + shown + "\", not " +
               std::string(wanted));
}

}  // namespace detail
}  // namespace gantry::protocol
