// Outstanding: the completions one instance has been promised and not yet got, so that stop can
// cancel what can be cancelled and wait for the rest. Owned by the instance. [any]
#pragma once

#include <gantry/call.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/strong.hpp"
#include "dispatch/call.hpp"

namespace gantry::plugin {

class Instance;

// Pending: one promise. Made by Outstanding::begin, ended exactly once by end().
struct Pending {
  Instance* owner;
  gantry_completion then;
  uint32_t shard;  // where it completes; GANTRY_NO_SHARD: on a worker
  uint64_t number;
  // Set by the service that made it, when it can be called off: true if it will not complete by
  // itself any more.
  bool (*cancel)(Pending& pending) = nullptr;
  Token token;  // what cancel calls off: the timer's or the log's
};

class Outstanding {
 public:
  // `then` may have a null function: counted, never called.
  Pending* begin(Instance& owner, gantry_completion then, uint32_t shard);
  // Calls then.done and frees the promise. On the right thread already.
  void end(Pending* pending, dispatch::Call& call, gantry_status status, const void* result);
  // Frees it uncalled: the function that took the completion failed.
  void drop(Pending* pending);
  // Runs `body` with the promise's fields under the lock, so that it can't end meanwhile.
  template <class F>
  void locked(F&& body) {
    const std::lock_guard lock(mutex_);
    body();
  }

  // Inside locked(): stop can call the promise off from now on.
  void cancellable(Pending& pending, Token token, bool (*cancel)(Pending&)) {
    pending.token = token;
    pending.cancel = cancel;
  }
  // Outside of it, for a promise that may have ended since it was given its number: then nothing is
  // done. Called off at once if stop has begun.
  void cancellable(uint64_t number, Token token, bool (*cancel)(Pending&));
  // Inside locked(), and the module can, by the token of a timer: the log's may be the same number.
  void cancellable_timer(Pending& pending, Token token, bool (*cancel)(Pending&)) {
    cancellable(pending, token, cancel);
    timers_[token] = &pending;
  }
  // Calls off a timer; false if the token is stale, or stop was quicker.
  bool cancel_timer(Token token);

  // Calls off what can be; answers when nothing is outstanding, false after timeout_ms.
  bool settle(uint64_t timeout_ms);
  uint64_t count() const;

 private:
  void forget(const Pending& pending);  // locked

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable idle_;
  std::unordered_map<uint64_t, Pending*> pending_;
  std::unordered_map<Token, Pending*> timers_;
  uint64_t next_ = 1;
  bool settling_ = false;  // who can be called off from now on, is
  uint64_t running_ = 0;   // taken out of the table, not yet returned
};

}  // namespace gantry::plugin
