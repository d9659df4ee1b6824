// Watchdog: sees calls into modules that hold a shard up. A thread of its own looks at the shards'
// crumbs; a call over its limit is told to its guard while it is still running, and one that doesn't
// come back at all ends the process: a thread can't be taken out of a module safely. Owned by the
// node; control thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugin/crumbs.hpp"

namespace gantry::plugin {

class Watchdog {
 public:
  // Called on the watchdog's thread with a sentence and the crumb of the call; does not return in a
  // node.
  using Stalled = std::function<void(const std::string& what, const Crumb& crumb)>;
  static constexpr uint64_t poll_ms = 100;

  // `trails`: one of each shard, by index; they outlive it. stall_ms 0: calls may take for ever.
  Watchdog(std::vector<const CrumbTrail*> trails, uint64_t stall_ms, Stalled stalled);
  ~Watchdog() { stop(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void start();
  void stop();

  // One look, at this time of the steady clock. What start() does every poll_ms.
  void look(uint64_t now_ns);

 private:
  struct Seen {  // of a shard: the call it was in, since when at least
    uint64_t state = 0;
    const Guard* guard = nullptr;
    uint64_t since_ns = 0;
    bool over_limit_told = false;
    bool stall_told = false;
  };
  void look_at(uint32_t shard, uint64_t now_ns);

  const std::vector<const CrumbTrail*> trails_;
  const uint64_t stall_ns_;
  const Stalled stalled_;
  std::vector<Seen> seen_;

  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gantry::plugin
