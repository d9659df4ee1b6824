// LogTasks: changes of the log that were asked for and not yet made: roles and cuts in order, and
// how far to trim. Owned by RecordDispatcher, whose log worker makes them. [any]
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>

#include "dispatch/status.hpp"

namespace gantry::dispatch {

// Called exactly once, on the log worker or by who stops it: post from here to where it belongs.
struct TaskDone {
  void (*function)(void* context, Status status) = nullptr;
  void* context = nullptr;
};

struct LogTask {
  enum class Kind : uint8_t { lead, follow, truncate };
  Kind kind;
  int64_t value;  // truncate: the log's new end; else the epoch
  TaskDone done;
};

struct LogTrim {
  int64_t below = std::numeric_limits<int64_t>::min();
  int64_t forced_below = std::numeric_limits<int64_t>::min();
};

class LogTasks {
 public:
  // invalid: an epoch that isn't above the last one taken; cancelled after close().
  Status add(const LogTask& task);
  void add_trim(int64_t below, bool forced);

  // The oldest, which stays until finish().
  std::optional<LogTask> front() const;
  // Is there a change of role behind the oldest?
  bool role_changes_again() const;
  void finish(Status status);  // ends the oldest
  std::optional<LogTrim> take_trim();
  // Takes no more; what is left is cancelled.
  void close();

 private:
  mutable std::mutex mutex_;  // guards all below; a leaf lock
  std::deque<LogTask> tasks_;
  std::optional<LogTrim> trim_;
  int64_t epoch_ = 0;
  bool closed_ = false;
};

}  // namespace gantry::dispatch
