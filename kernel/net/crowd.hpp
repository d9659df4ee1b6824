// Crowd: notices that most of many sessions have left. What their unfinished frames took is free
// then, but the allocator keeps it: somebody has to ask for it back. Owned and used by one shard's
// sessions.
#pragma once

#include <algorithm>
#include <cstddef>

namespace gantry::net {

class Crowd {
 public:
  static constexpr size_t left_min = 256;  // fewer are no crowd

  void came(size_t sessions) { most_ = std::max(most_, sessions); }
  // Are at least half of the most there were gone, and enough of them to matter?
  bool left(size_t sessions) const { return most_ >= sessions + left_min && most_ >= 2 * sessions; }
  // From now on those who are here are the most there were.
  void forget(size_t sessions) { most_ = sessions; }

 private:
  size_t most_ = 0;
};

}  // namespace gantry::net
