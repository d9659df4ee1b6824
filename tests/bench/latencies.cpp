#include "latencies.hpp"

#include <algorithm>
#include <cmath>

namespace gantry::bench {

uint64_t Latencies::upper_end_of(unsigned bucket) {
  if (bucket < steps) return bucket;
  const unsigned shift = bucket / steps - 1;
  return ((uint64_t{bucket % steps} + steps + 1) << shift) - 1;
}

uint64_t Latencies::percentile_ns(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(total_)));
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < buckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted && seen > 0) return std::min(upper_end_of(bucket), max_);
  }
  return 0;
}

}  // namespace gantry::bench
