// CrumbTrail: the calls into modules a thread is in, innermost last. A thread writes its own; the
// watchdog reads a shard's, and a crash handler its own thread's.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace gantry::plugin {

class Guard;

// One call: whose, and which of its functions, as a constant text.
struct Crumb {
  std::atomic<const Guard*> guard{nullptr};
  std::atomic<const char*> call{nullptr};
  uint64_t timed_from_ns = 0;  // 0: not timed; the thread's own
};

class CrumbTrail {
 public:
  static constexpr uint32_t depth_max = 16;  // deeper calls are counted, and nameless

  void enter(const Guard* guard, const char* call, uint64_t timed_from_ns) {
    const uint64_t state = state_.load(std::memory_order_relaxed);
    const uint32_t at = depth_of(state);
    if (at < depth_max) [[likely]] {
      crumbs_[at].guard.store(guard, std::memory_order_relaxed);
      crumbs_[at].call.store(call, std::memory_order_relaxed);
      crumbs_[at].timed_from_ns = timed_from_ns;
    }
    state_.store(state + one_call + 1, std::memory_order_release);
  }
  // Ends the innermost call of `guard`, and those inside it that were never left. Answers since when
  // it was timed; 0: it wasn't, or no such call is going on.
  uint64_t leave(const Guard* guard) {
    const uint64_t state = state_.load(std::memory_order_relaxed);
    const uint32_t at = depth_of(state) - 1;
    if (at >= depth_max || crumbs_[at].guard.load(std::memory_order_relaxed) != guard) [[unlikely]] {
      return leave_far(guard);
    }
    state_.store(state - 1, std::memory_order_release);
    return crumbs_[at].timed_from_ns;
  }

  // Equal values, with the same guard, are the same call, still going on. The low half is the depth.
  uint64_t state() const { return state_.load(std::memory_order_acquire); }
  static uint32_t depth_of(uint64_t state) { return static_cast<uint32_t>(state); }
  // Null: there is none.
  const Crumb* innermost() const {
    const uint32_t deep = depth_of(state());
    return deep == 0 ? nullptr : &crumbs_[(deep < depth_max ? deep : depth_max) - 1];
  }

 private:
  friend class CrumbScope;
  static constexpr uint64_t one_call = uint64_t{1} << 32;
  uint64_t leave_far(const Guard* guard);

  std::atomic<uint64_t> state_{0};  // calls ever begun, times one_call, and the depth
  std::array<Crumb, depth_max> crumbs_{};
};

extern constinit thread_local CrumbTrail this_trail __attribute__((tls_model("initial-exec")));

// The calling thread's.
inline CrumbTrail& crumb_trail() noexcept { return this_trail; }

// CrumbScope: a crumb of this thread to the end of the scope, with whatever was left inside it. Its
// call can become another's: that is cheaper than leaving one and entering the next.
class CrumbScope {
 public:
  CrumbScope(const Guard* guard, const char* call)
      : trail_(crumb_trail()), state_(trail_.state_.load(std::memory_order_relaxed)) {
    const uint32_t at = CrumbTrail::depth_of(state_);
    crumb_ = &trail_.crumbs_[at < CrumbTrail::depth_max ? at : CrumbTrail::depth_max - 1];
    if (at < CrumbTrail::depth_max) {
      crumb_->call.store(call, std::memory_order_relaxed);
      crumb_->timed_from_ns = 0;
    }
    now_in(guard);
    trail_.state_.store(state_ + CrumbTrail::one_call + 1, std::memory_order_release);
  }
  ~CrumbScope() { trail_.state_.store(state_ + CrumbTrail::one_call, std::memory_order_release); }
  CrumbScope(const CrumbScope&) = delete;
  CrumbScope& operator=(const CrumbScope&) = delete;

  void now_in(const Guard* guard) { crumb_->guard.store(guard, std::memory_order_relaxed); }

 private:
  CrumbTrail& trail_;
  const uint64_t state_;  // outside this call
  Crumb* crumb_;
};

}  // namespace gantry::plugin
