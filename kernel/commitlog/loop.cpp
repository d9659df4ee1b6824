#include "commitlog/loop.hpp"

#include <utility>

#include "base/signal_stack.hpp"
#include "base/thread_name.hpp"

namespace gantry::commitlog {

void Loop::start(const char* name, std::chrono::milliseconds interval,
                 std::function<void()> round) {
  thread_ = std::thread([this, name, interval, round = std::move(round)] {
    name_thread(name);
    const SignalStack signal_stack;
    run(interval, round);
  });
}

void Loop::run(std::chrono::milliseconds interval, const std::function<void()>& round) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wakes_.wait_for(lock, interval, [this] { return stopping_ || woken_.load(); });
      if (stopping_) return;
    }
    woken_ = false;  // before the round: what comes during it asks for another
    round();
  }
}

void Loop::wake() {
  if (woken_.load() || woken_.exchange(true)) return;
  { std::lock_guard lock(mutex_); }  // the loop is before its look at woken_, or waits
  wakes_.notify_one();
}

void Loop::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakes_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace gantry::commitlog
