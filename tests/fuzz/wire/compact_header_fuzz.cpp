// libFuzzer: frames with compact headers.
#include <cstdio>
#include <cstdlib>

#include "fuzz/wire/header_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::wire;
  const std::string broken = testing::broken_property({data, size}, Serialize::compact);
  if (!broken.empty()) {
    std::fprintf(stderr, "not so: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
