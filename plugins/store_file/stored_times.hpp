// StoredTimes: when the records of the log were stored, in steps of a second and never too late:
// what `checkpoint` tells RocketMQ about a place in the log. note(): consume. at(): the disk lock's
// holder, with places that only rise, but for restart().
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

namespace gantry::store_file {

class StoredTimes {
 public:
  // The record that ends at log_end was stored then.
  void note(int64_t log_end, int64_t stored_ms) {
    const std::lock_guard lock(guard_);
    if (!times_.empty() && stored_ms < times_.back().stored_ms + 1000) return;
    if (times_.size() < times_max) times_.push_back({log_end, stored_ms});
  }

  // No later than the last record below log_offset was stored; 0 when nothing is known.
  int64_t at(int64_t log_offset) {
    const std::lock_guard lock(guard_);
    while (!times_.empty() && times_.front().log_end <= log_offset) {
      known_ms_ = times_.front().stored_ms;
      times_.pop_front();
    }
    return known_ms_;
  }

  // The log was cut: what is known of it is forgotten.
  void restart() {
    const std::lock_guard lock(guard_);
    times_.clear();
    known_ms_ = 0;
  }

 private:
  struct Time {
    int64_t log_end;
    int64_t stored_ms;
  };
  static constexpr size_t times_max = 4096;  // without persist for an hour it loses precision

  std::mutex guard_;
  std::deque<Time> times_;
  int64_t known_ms_ = 0;
};

}  // namespace gantry::store_file
