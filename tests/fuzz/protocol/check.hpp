// What a fuzz target promises; a broken promise stops the program where it is seen.
#pragma once

#include <cstdlib>

namespace gantry::protocol::fuzz {

inline void check(bool promise) {
  if (!promise) std::abort();
}

}  // namespace gantry::protocol::fuzz
