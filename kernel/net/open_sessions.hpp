// OpenSessions: how many sessions are open over all shards, for whoever waits until none is. Owned
// by Network; any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace gantry::net {

class OpenSessions {
 public:
  void enter() {
    std::lock_guard lock(mutex_);
    ++count_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  // False if some were still open after `grace`.
  bool wait_for_none(std::chrono::milliseconds grace) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, grace, [this] { return count_ == 0; });
  }
  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;  // a leaf lock, taken when a session opens or ends
  std::condition_variable none_;
  uint64_t count_ = 0;
};

}  // namespace gantry::net
