// libFuzzer: a table of bounds, a position, queue files of any bytes.
#include <cstdio>
#include <cstdlib>

#include "fuzz/store_file/queue_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string broken = gantry::testing::broken_queue_load({data, size});
  if (!broken.empty()) {
    std::fprintf(stderr, "not so: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
