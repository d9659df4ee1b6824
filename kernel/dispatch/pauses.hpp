// How long a consumer that failed waits before it is tried again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace gantry::dispatch {

inline uint32_t pause_ms_after(uint32_t attempts) {
  constexpr uint32_t pauses_ms[] = {10, 100, 1000};
  return pauses_ms[std::min<size_t>(attempts, std::size(pauses_ms)) - 1];
}

}  // namespace gantry::dispatch
