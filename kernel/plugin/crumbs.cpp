#include "plugin/crumbs.hpp"

namespace gantry::plugin {

constinit thread_local CrumbTrail this_trail;

uint64_t CrumbTrail::leave_far(const Guard* guard) {
  const uint64_t state = state_.load(std::memory_order_relaxed);
  const uint32_t deep = depth_of(state);
  if (deep > depth_max) {  // nameless: taken for its own
    state_.store(state - 1, std::memory_order_release);
    return 0;
  }
  for (uint32_t at = deep; at-- > 0;) {
    if (crumbs_[at].guard.load(std::memory_order_relaxed) != guard) continue;
    state_.store(state - (deep - at), std::memory_order_release);
    return crumbs_[at].timed_from_ns;
  }
  return 0;
}

}  // namespace gantry::plugin
