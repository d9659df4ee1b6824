#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/filter/sql_properties.hpp"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  if (!gantry::filter_sql92::fuzz::same_meaning({data, size})) std::abort();
  return 0;
}
