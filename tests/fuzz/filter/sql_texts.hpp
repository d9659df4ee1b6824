// Texts for properties and constants, with what Java reads in them. Test-only.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace gantry::filter_sql92::fuzz {

struct Text {
  const char* text;
  std::optional<int32_t> as_int;
  std::optional<int64_t> as_long;
  std::optional<double> as_double;
};

inline const Text texts[] = {
    {"1", 1, 1, 1.0},
    {"x", {}, {}, {}},
    {"", {}, {}, {}},
    {"0", 0, 0, 0.0},
    {"-0", 0, 0, -0.0},
    {"+7", 7, 7, 7.0},
    {"007", 7, 7, 7.0},
    {"2147483647", 2147483647, 2147483647, 2147483647.0},
    {"2147483648", {}, 2147483648, 2147483648.0},
    {"-2147483648", -2147483647 - 1, -2147483648, -2147483648.0},
    {"9223372036854775807", {}, 9223372036854775807, 9223372036854775807.0},
    {"9223372036854775808", {}, {}, 9223372036854775808.0},
    {"-9223372036854775808", {}, std::numeric_limits<int64_t>::min(), -9223372036854775808.0},
    {"1.5", {}, {}, 1.5},
    {" 1 ", {}, {}, 1.0},
    {"15e-1f", {}, {}, 1.5},
    {"1e999", {}, {}, std::numeric_limits<double>::infinity()},
    {"NaN", {}, {}, std::numeric_limits<double>::quiet_NaN()},
    {"-Infinity", {}, {}, -std::numeric_limits<double>::infinity()},
    {"0x1p1", {}, {}, 2.0},
    {"1e", {}, {}, {}},
    {"true", {}, {}, {}},
    {"TrUe", {}, {}, {}},
    {"false", {}, {}, {}},
    {"it's", {}, {}, {}},
    {"%", {}, {}, {}},
    {"x%", {}, {}, {}},
    {"_%x", {}, {}, {}},
    {"xx", {}, {}, {}},
    {"%_", {}, {}, {}},
    {"\xe8\xae\xa2\xe5\x8d\x95", {}, {}, {}},
    {"_\xe5\x8d\x95", {}, {}, {}},
    {"-- AND /*", {}, {}, {}},
    {"line\nbreak", {}, {}, {}},
};

}  // namespace gantry::filter_sql92::fuzz
