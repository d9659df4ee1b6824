// libFuzzer: key index files of any bytes.
#include <cstdio>
#include <cstdlib>

#include "fuzz/store_file/key_index_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string broken = gantry::testing::broken_key_index({data, size});
  if (!broken.empty()) {
    std::fprintf(stderr, "not so: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
