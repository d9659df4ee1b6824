#include "offset_bounds.hpp"

#include <string>

namespace gantry::messaging {
namespace {

constexpr size_t lines_max = 20;  // of the log; the rest is counted

}  // namespace

void bring_offsets_within_queues(const Services& services, const QueueReader& queues,
                                 OffsetTable& offsets) {
  size_t moved = 0;
  for (const CommittedOffset& one : offsets.collect([](const QueueKey&) { return true; })) {
    gantry_queue_bounds bounds{};
    if (queues.bounds(one.topic, one.queue_id, bounds) < 0) return;  // nothing can be said
    if (one.offset <= bounds.max) continue;
    offsets.commit(one.key(), bounds.max);
    if (++moved > lines_max) continue;
    services.warn("group " + one.group + " stood at " + std::to_string(one.offset) + " of topic " +
                  one.topic + " queue " + std::to_string(one.queue_id) + ", which ends at " +
                  std::to_string(bounds.max) + ": it goes on there");
  }
  if (moved > lines_max) {
    services.warn(std::to_string(moved) + " offsets in all stood above their queue's end");
  }
}

}  // namespace gantry::messaging
