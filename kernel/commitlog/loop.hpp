// Loop: a thread that runs a round when it is woken, and at the latest every interval. Owned by
// CommitLog; any thread wakes; ends with stop() or the destructor, after the round in hand.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gantry::commitlog {

class Loop {
 public:
  ~Loop() { stop(); }
  // `name` is the thread's, a constant.
  void start(const char* name, std::chrono::milliseconds interval, std::function<void()> round);
  void stop();
  // Cheap while it is awake or already woken.
  void wake();

 private:
  void run(std::chrono::milliseconds interval, const std::function<void()>& round);

  std::atomic<bool> woken_{false};
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace gantry::commitlog
