// libFuzzer: registrations of any bytes.
#include <cstdio>
#include <cstdlib>

#include "fuzz/nameserver/registration_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string broken = gantry::testing::broken_registration({data, size});
  if (!broken.empty()) {
    std::fprintf(stderr, "not so: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
