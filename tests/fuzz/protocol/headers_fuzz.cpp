#include <cstddef>
#include <cstdint>

#include "targets.hpp"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  return gantry::protocol::fuzz::headers({reinterpret_cast<const char*>(data), size});
}
