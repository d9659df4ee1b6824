// Big-endian loads and stores: the byte order of every RocketMQ frame and file.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace gantry {

static_assert(std::endian::native == std::endian::little, "Gantry targets little-endian machines");

template <std::integral T>
constexpr T byte_swap(T value) {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
}

template <std::integral T>
T load_be(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return byte_swap(value);
}

template <std::integral T>
void store_be(void* to, T value) {
  value = byte_swap(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace gantry
