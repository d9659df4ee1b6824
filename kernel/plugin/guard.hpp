// Guard: what stands between the node and the calls into one offer of an instance. It counts them,
// times one in 256, leaves a crumb for crash reports, and trips: calls that fail or are too slow again
// and again are refused for a pause, then one is let in to see. Owned by the instance. Any thread.
#pragma once

#include <gantry/base.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "plugin/crumbs.hpp"
#include "plugin/histogram.hpp"
#include "runtime/shard.hpp"

namespace gantry::plugin {

// What a caller does about calls that fail, or can't be made because the guard has tripped.
//   open       it goes on as if the module had nothing to say
//   closed     it refuses what it was about to do
//   bypass     closed while single calls fail, open once the guard has tripped
//   fail_node  closed, and the node ends once the guard has tripped
enum class OnCallFault : uint8_t { open, closed, bypass, fail_node };

struct GuardPolicy {
  OnCallFault on_fault = OnCallFault::closed;
  uint64_t budget_ns = 0;  // on a shard; more is counted and logged. 0: any time will do
  uint64_t limit_ns = 0;   // on a shard; more is as bad as a fault. 0: none
  uint32_t faults_max = 0;  // in a row trip it; 0: it never trips
  uint64_t pause_ns = 1'000'000'000;  // the first; each further one in a row is twice as long
};

// CallCount: how often something was called, from all threads. A shard writes a cell of its own, so
// that counting costs it no more than a store.
class CallCount {
 public:
  // How often it was on this cell, this time included.
  uint64_t add() {
    const uint32_t shard = runtime::current_shard();
    if (shard >= cells_.size()) return others_.fetch_add(1, std::memory_order_relaxed) + 1;
    std::atomic<uint64_t>& cell = cells_[shard].count;
    const uint64_t count = cell.load(std::memory_order_relaxed) + 1;
    cell.store(count, std::memory_order_relaxed);
    return count;
  }
  uint64_t total() const;

 private:
  struct alignas(64) Cell {
    std::atomic<uint64_t> count{0};
  };
  std::array<Cell, 8> cells_;
  std::atomic<uint64_t> others_{0};  // of further shards, workers and all other threads
};

class Guard {
 public:
  static constexpr uint64_t pause_ns_max = 60'000'000'000;
  // How a tripped guard that must not stay so ends the node; from any thread.
  using FailNode = std::function<void(const std::string&)>;

  // The texts outlive it.
  Guard(std::string_view instance, std::string_view capability, GuardPolicy policy,
        const Clock& clock, FailNode fail_node);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Before and after a call, on its thread. False: the call must not be made: what is called doesn't
  // run, or has tripped.
  bool begin(const char* call) {
    const uint64_t admitted = admit();
    if (admitted == turned_away) return false;
    crumb_trail().enter(this, call, admitted);
    return true;
  }
  // `text`: what the module said, if it said something.
  void end(gantry_status status, const char* text = nullptr) {
    done(crumb_trail().leave(this), status, text);
  }
  // The same for whoever leaves the crumb himself. What admit() answers goes to done().
  static constexpr uint64_t turned_away = 0;
  uint64_t admit() {
    const bool sampled = (calls_.add() & 255) == 1;
    if (!sampled && attention_.load(std::memory_order_relaxed) == 0) [[likely]] return untimed;
    return attend(sampled);
  }
  void done(uint64_t admitted, gantry_status status, const char* text) {
    const bool ordinary = status >= GANTRY_OK && admitted <= untimed;
    if (!ordinary || attention_.load(std::memory_order_relaxed) != 0) [[unlikely]] {
      ended(admitted, status, text);
    }
  }

  // [control] Whether what is called runs; it does from the start on.
  void runs(bool running) {
    if (running) attention_.fetch_and(~stopped_bit, std::memory_order_release);
    else attention_.fetch_or(stopped_bit, std::memory_order_release);
  }
  // The watchdog saw a call that is still going on after this time.
  void still_running(uint64_t ns);

  const std::string_view instance;
  const std::string_view capability;
  const GuardPolicy& policy() const { return policy_; }
  bool tripped() const { return (attention_.load(std::memory_order_relaxed) & trip_bit) != 0; }

  struct Figures {
    uint64_t calls, faults, refusals, turned_away, over_budget, over_limit, trips;
    uint64_t p50_ns, p99_ns, p999_ns, max_ns;  // of those timed; 0: none was
    bool tripped;
    std::string last_fault;
    int64_t last_fault_ms;  // wall clock; 0: there was none
  };
  Figures figures() const;

 private:
  // What calls must look after; 0: nothing, which is what they check.
  static constexpr uint64_t untimed = 1;  // of admit(); more: since when it is timed
  static constexpr uint32_t stopped_bit = 8;
  static constexpr uint32_t trip_bit = 1;     // calls are turned away
  static constexpr uint32_t look_bit = 2;     // the next ones are timed, whatever their number
  static constexpr uint32_t worried_bit = 4;  // one failed or was slow; one that goes well says so

  uint64_t attend(bool sampled);
  void ended(uint64_t admitted, gantry_status status, const char* text);
  bool let_in(uint64_t now);
  void timed(uint64_t ns);
  void failed(gantry_status status, const char* text);
  void went_well();
  void over_limit(uint64_t ns, const char* how);
  void look_closer();
  void note(std::string_view what);
  void trip(const std::string& why);

  const GuardPolicy policy_;
  const Clock& clock_;
  const FailNode fail_node_;

  std::atomic<uint32_t> attention_{0};  // read by every call, seldom written
  std::atomic<int32_t> close_looks_{0};  // so many are left

  CallCount calls_;
  Histogram times_;
  std::atomic<uint64_t> longest_ns_{0};
  std::atomic<uint64_t> faults_{0};
  std::atomic<uint64_t> refusals_{0};
  std::atomic<uint64_t> turned_away_{0};
  std::atomic<uint64_t> over_budget_{0};
  std::atomic<uint64_t> over_limit_{0};
  std::atomic<uint64_t> trips_{0};

  mutable std::mutex mutex_;  // guards what follows; a leaf lock
  uint64_t tripped_until_ = 0;  // steady ns
  uint32_t faults_in_row_ = 0;
  uint32_t slow_in_row_ = 0;
  uint64_t pause_ns_;
  bool probing_ = false;  // tripped, and one call was let in
  std::string last_fault_;
  int64_t last_fault_ms_ = 0;
};

// GuardedCall: one call of the kernel into a module, from here to the end of the scope.
class GuardedCall {
 public:
  GuardedCall(Guard& guard, const char* call)
      : guard_(guard), admitted_(guard.admit()), scope_(&guard, call) {}
  ~GuardedCall() {
    if (let_in()) guard_.done(admitted_, status_, text_);
  }
  GuardedCall(const GuardedCall&) = delete;
  GuardedCall& operator=(const GuardedCall&) = delete;
  bool let_in() const { return admitted_ != Guard::turned_away; }
  gantry_status came_to(gantry_status status, const char* text = nullptr) {
    text_ = text;
    return status_ = status;
  }

 private:
  Guard& guard_;
  const uint64_t admitted_;
  const CrumbScope scope_;
  gantry_status status_ = GANTRY_OK;
  const char* text_ = nullptr;
};

}  // namespace gantry::plugin
