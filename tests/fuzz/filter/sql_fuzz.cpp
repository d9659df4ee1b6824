#include <cstddef>
#include <cstdint>

#include "fuzz/filter/sql_properties.hpp"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  return gantry::filter_sql92::fuzz::expression({reinterpret_cast<const char*>(data), size});
}
