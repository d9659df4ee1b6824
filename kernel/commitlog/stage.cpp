#include "commitlog/stage.hpp"

namespace gantry::commitlog {

void Stage::add(const SegmentRef& segment, uint64_t position, std::span<const Bytes> parts) {
  const bool adjacent = !runs_.empty() && &*runs_.back().segment == &*segment &&
                        runs_.back().position + runs_.back().size == position;
  if (!adjacent) runs_.push_back({segment, position, bytes_.size(), 0});
  for (Bytes part : parts) bytes_.insert(bytes_.end(), part.begin(), part.end());
  runs_.back().size = bytes_.size() - runs_.back().from;
}

}  // namespace gantry::commitlog
