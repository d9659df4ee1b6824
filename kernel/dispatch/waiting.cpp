#include "dispatch/waiting.hpp"

#include <algorithm>

#include "dispatch/status.hpp"

namespace gantry::dispatch {

int32_t Waiting::late_code(const Marks& marks, const Entry& entry) {
  const bool visible = (entry.marks >> mark_visible & 1) != 0;
  const uint32_t wanted = entry.marks | (visible ? marks.visible_after() : 0);
  for (uint32_t mark = 0; mark < mark_count; ++mark) {
    if (!(wanted >> mark & 1) || marks.reached(mark) >= entry.log_end) continue;
    return entry.late_codes[mark] != 0 ? entry.late_codes[mark] : wire_code::system_error;
  }
  return wire_code::success;
}

uint64_t Waiting::earliest_due_ns() const {
  uint64_t earliest = std::numeric_limits<uint64_t>::max();
  for (const Entry& entry : entries_) earliest = std::min(earliest, entry.due_ns);
  return earliest;
}

}  // namespace gantry::dispatch
