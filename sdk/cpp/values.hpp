// Between the C ABI's borrowed values and C++'s: no copies, no ownership.
#pragma once

#include <gantry/base.h>

#include <span>
#include <string_view>

namespace gantry::sdk {

constexpr gantry_str str(std::string_view text) { return {text.data(), text.size()}; }
constexpr std::string_view view(gantry_str text) { return {text.data, text.size}; }

inline gantry_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline gantry_bytes bytes(std::span<const uint8_t> data) { return {data.data(), data.size()}; }
inline std::string_view view(gantry_bytes data) {
  return {reinterpret_cast<const char*>(data.data), data.size};
}
inline std::span<const uint8_t> span(gantry_bytes data) { return {data.data, data.size}; }
inline std::span<const uint8_t> span(const gantry_slice& slice) { return {slice.data, slice.size}; }

constexpr gantry_value null_value() { return {GANTRY_NULL, 0, {.i = 0}}; }
constexpr gantry_value i64_value(int64_t i) { return {GANTRY_I64, 0, {.i = i}}; }
constexpr gantry_value bool_value(bool b) { return {GANTRY_BOOL, 0, {.i = b ? 1 : 0}}; }
constexpr gantry_value str_value(std::string_view s) { return {GANTRY_STR, 0, {.s = str(s)}}; }

}  // namespace gantry::sdk
