// Rng: splitmix64. The same seed gives the same numbers with any compiler and library, which
// std's distributions don't promise. A value; one thread.
#pragma once

#include <cstdint>

namespace gantry::testing {

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  uint64_t below(uint64_t bound) { return next() % bound; }
  int64_t between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(below(static_cast<uint64_t>(most - least + 1)));
  }
  bool coin() { return next() & 1u; }
  bool chance(uint64_t per_million) { return below(1'000'000) < per_million; }

 private:
  uint64_t state_;
};

}  // namespace gantry::testing
