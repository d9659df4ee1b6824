#include "java_number.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include "protocol/utf8.hpp"

namespace gantry::filter_sql92 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The zeros of the scripts whose digits Character.digit knows, a char each (Unicode 14: category Nd).
constexpr uint16_t zeros[] = {
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6,
    0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0,
    0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10};

// Takes a digit off the head; -1: there is none.
int take_digit(std::string_view& text) {
  if (is_digit(text.front())) {
    const int digit = text.front() - '0';
    text.remove_prefix(1);
    return digit;
  }
  if (static_cast<signed char>(text.front()) >= 0) return -1;
  const protocol::CodePoint point = protocol::decode_utf8(text);
  const auto* above = std::upper_bound(std::begin(zeros), std::end(zeros), point.value);
  const uint32_t digit = point.value - above[-1];
  if (digit > 9) return -1;
  text.remove_prefix(point.bytes);
  return static_cast<int>(digit);
}

// Counts downwards, since there is one more number below zero.
std::optional<int64_t> integer(std::string_view text, int64_t least) {
  const bool below_zero = text.starts_with('-');
  if (below_zero || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (!below_zero) ++least;
  int64_t number = 0;
  while (!text.empty()) {
    const int digit = take_digit(text);
    if (digit < 0 || number < least / 10) return std::nullopt;
    number *= 10;
    if (number < least + digit) return std::nullopt;
    number -= digit;
  }
  return below_zero ? number : -number;
}

// A piece of a number at its head.
template <class Is>
std::string_view take_while(std::string_view& text, Is is) {
  const auto end = std::find_if_not(text.begin(), text.end(), is);
  const std::string_view taken = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

bool take(std::string_view& text, char lower) {
  if (text.empty() || (text.front() | 0x20) != lower) return false;
  text.remove_prefix(1);
  return true;
}

bool take_point(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

struct Magnitude {
  std::string_view digits;      // as from_chars reads it: without sign, prefix and suffix
  std::string_view integral;    // digits before the point
  std::string_view fraction;    // and behind it
  int64_t exponent = 0;         // as written; what is far beyond a double is cut
  bool hexadecimal = false;
};

// An exponent's digits behind its letter, with their sign; false: there are none.
bool take_exponent(std::string_view& text, int64_t& exponent) {
  constexpr int64_t beyond = 1'000'000'000;
  const bool below_zero = text.starts_with('-');
  if (below_zero || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_while(text, is_digit);
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), beyond);
  if (below_zero) exponent = -exponent;
  return !digits.empty();
}

std::optional<Magnitude> magnitude_of(std::string_view text) {
  Magnitude out;
  out.hexadecimal = text.size() > 1 && text[0] == '0' && (text[1] | 0x20) == 'x';
  if (out.hexadecimal) text.remove_prefix(2);
  const char* const begin = text.data();
  const auto is = out.hexadecimal ? is_hex_digit : is_digit;
  out.integral = take_while(text, is);
  if (take_point(text)) out.fraction = take_while(text, is);
  if (out.integral.empty() && out.fraction.empty()) return std::nullopt;
  if (take(text, out.hexadecimal ? 'p' : 'e')) {
    if (!take_exponent(text, out.exponent)) return std::nullopt;
  } else if (out.hexadecimal) {
    return std::nullopt;
  }
  out.digits = {begin, static_cast<size_t>(text.data() - begin)};
  if (!take(text, 'f')) take(text, 'd');
  if (!text.empty()) return std::nullopt;
  return out;
}

// Of a number that no double can hold: whether it is too large. Otherwise it is too small.
bool is_large(const Magnitude& number) {
  const int64_t per_digit = number.hexadecimal ? 4 : 1;
  const size_t lead = number.integral.find_first_not_of('0');
  if (lead != number.integral.npos) {
    return number.exponent + per_digit * static_cast<int64_t>(number.integral.size() - lead) > 0;
  }
  const size_t zeros_behind = number.fraction.find_first_not_of('0');
  if (zeros_behind == number.fraction.npos) return false;
  return number.exponent - per_digit * static_cast<int64_t>(zeros_behind) > 0;
}

double value_of(const Magnitude& number) {
  double value = 0;
  const auto format = number.hexadecimal ? std::chars_format::hex : std::chars_format::general;
  const char* const end = number.digits.data() + number.digits.size();
  const auto [stop, error] = std::from_chars(number.digits.data(), end, value, format);
  if (error == std::errc::result_out_of_range) {
    return is_large(number) ? std::numeric_limits<double>::infinity() : 0.0;
  }
  return value;
}

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<int64_t> java_int32(std::string_view text) {
  return integer(text, std::numeric_limits<int32_t>::min());
}

std::optional<int64_t> java_int64(std::string_view text) {
  return integer(text, std::numeric_limits<int64_t>::min());
}

std::optional<double> java_double(std::string_view text) {
  text = trim(text);
  const bool below_zero = text.starts_with('-');
  if (below_zero || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity") {
    value = std::numeric_limits<double>::infinity();
  } else {
    const auto number = magnitude_of(text);
    if (!number) return std::nullopt;
    value = value_of(*number);
  }
  return below_zero ? -value : value;
}

}  // namespace gantry::filter_sql92
