#include "dispatch/lag_gates.hpp"

#include <fmt/format.h>

#include "base/logging.hpp"

namespace gantry::dispatch {

// Who closes sets `lagging` and looks at the position once more; who consumes moves the position and
// then looks at `lagging`: one of them sees the other, and no gate stays closed over nothing.
void LagGates::check(ConsumerEntry& entry) {
  const int64_t now = lag(entry);
  if (!must_close(entry, now) && !must_open(entry, now)) return;
  const std::lock_guard lock(mutex_);
  const std::string gate = "lag/" + entry.consumer->name();
  for (;;) {
    const int64_t behind = lag(entry);
    if (must_close(entry, behind)) {
      const std::string reason =
          fmt::format("log consumer {} lags {} bytes behind, dispatch.lag_bytes_max is {}",
                      entry.consumer->name(), behind, lag_bytes_max_);
      logging::warn("dispatch", "{}: the log takes no records until it has caught up", reason);
      log_.close_gate(gate, wire_code::system_busy, reason);
      entry.lagging = true;
    } else if (must_open(entry, behind)) {
      logging::info("dispatch", "log consumer {} has caught up to {} bytes: the log takes records",
                    entry.consumer->name(), behind);
      log_.open_gate(gate);
      entry.lagging = false;
    } else {
      return;
    }
  }
}

}  // namespace gantry::dispatch
