#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/lua/pattern_properties.hpp"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  using namespace gantry::lua::fuzz;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Made anew: what is left of a call would be a leak to the fuzzer.
  if (Patterns().compare(pattern_call(bytes)) == Ended::otherwise) std::abort();
  return 0;
}
