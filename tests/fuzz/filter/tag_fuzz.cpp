#include <cstddef>
#include <cstdint>

#include "fuzz/filter/tag_properties.hpp"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  return gantry::filter_tag::fuzz::expression({reinterpret_cast<const char*>(data), size});
}
