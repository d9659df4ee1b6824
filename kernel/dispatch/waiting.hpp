// Waiting: answers of one shard that respond_after holds back until the log's marks pass. Used on
// its shard only. Checked as a whole when marks rise: they come nearly in log order, so what can go
// is at the front.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <span>

#include "base/strong.hpp"
#include "dispatch/marks.hpp"

namespace gantry::dispatch {

class Waiting {
 public:
  struct Entry {
    Token token;
    int64_t log_end = 0;
    uint64_t due_ns = 0;
    uint32_t marks = 0;
    std::array<int32_t, mark_count> late_codes{};
  };

  static bool passed(const Marks& marks, int64_t log_end, uint32_t wanted) {
    for (uint32_t mark = 0; mark < mark_count; ++mark) {
      if ((wanted >> mark & 1) && marks.reached(mark) < log_end) return false;
    }
    return true;
  }
  // What to answer when time is up: the lowest mark still missing speaks.
  static int32_t late_code(const Marks& marks, const Entry& entry);

  void add(const Entry& entry) { entries_.push_back(entry); }
  bool empty() const { return entries_.empty(); }
  uint64_t earliest_due_ns() const;

  // Takes out every entry for which `done(entry)` is true, in order.
  template <class F>
  void take_if(F&& done) {
    size_t kept = 0;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!done(entries_[i])) {
        if (kept != i) entries_[kept] = entries_[i];
        ++kept;
      }
    }
    entries_.resize(kept);
  }

 private:
  std::deque<Entry> entries_;
};

}  // namespace gantry::dispatch
