// LagGates: a consumer that bounds visibility and lags too far behind VISIBLE closes a gate of the
// log, so that producers wait for it instead of filling the disk; it opens at half the limit. Owned
// by RecordDispatcher. [any]
#pragma once

#include <cstdint>
#include <mutex>

#include "commitlog/commit_log.hpp"
#include "dispatch/consumer_entry.hpp"

namespace gantry::dispatch {

class LagGates {
 public:
  LagGates(commitlog::CommitLog& log, int64_t lag_bytes_max)
      : log_(log), lag_bytes_max_(lag_bytes_max) {}

  // After VISIBLE has risen or the consumer has moved. Cheap while nothing changes.
  void check(ConsumerEntry& entry);

 private:
  int64_t lag(const ConsumerEntry& entry) const {
    return log_.mark(commitlog::Mark::visible).value - entry.position.load();
  }
  bool must_close(const ConsumerEntry& entry, int64_t lag) const {
    return !entry.lagging && lag > lag_bytes_max_;
  }
  bool must_open(const ConsumerEntry& entry, int64_t lag) const {
    return entry.lagging && lag <= lag_bytes_max_ / 2;
  }

  commitlog::CommitLog& log_;
  const int64_t lag_bytes_max_;
  std::mutex mutex_;  // held while a gate changes
};

}  // namespace gantry::dispatch
