// Shard: one thread with one event loop; its sessions, timers and parked requests live on it.
// Owned by Runtime. A loop turn is: run the jobs posted before it (50 us of them), or wait when there
// are none; run what is ready (bounded), run timers that are due, run the turn-end jobs. Functions
// marked [any] may be called from any thread, the others only on the shard. Ends in Runtime::stop,
// after every job posted before it has run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/strong.hpp"
#include "runtime/job.hpp"
#include "runtime/timers.hpp"

namespace gantry::runtime {

class Loop;  // the event loop itself; see io_context.hpp

inline constexpr uint32_t no_shard = 0xffffffff;

extern constinit thread_local uint32_t this_shard __attribute__((tls_model("initial-exec")));

// Index of the shard the calling thread is, or no_shard.
inline uint32_t current_shard() noexcept { return this_shard; }

class Shard {
 public:
  Shard(uint32_t index, const Clock& clock, uint32_t timers_max);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  uint32_t index() const noexcept { return index_; }
  bool here() const noexcept { return current_shard() == index_; }

  // [any] Runs the job in a coming turn, in the order posted. False once the shard has stopped: the
  // job isn't taken.
  bool post(Job job);
  bool post(Task task);
  // [any but a shard] Posts and waits until it has run; at once, unrun, if the shard has stopped.
  void run_and_wait(Task task);
  // Runs once at the end of this turn, after everything that was ready; also from another turn-end
  // job.
  void post_at_turn_end(Job job) { turn_end_.push_back(job); }
  // What else is ready waits for the next turn: enough has gathered for the turn-end jobs.
  void end_turn() { turn_full_ = true; }
  bool turn_full() const { return turn_full_; }

  // The clock, read at most once per turn.
  int64_t now_ms() { return now().wall_ms; }
  uint64_t now_ns() { return now().steady_ns; }
  const Now& now() {
    if (!clock_read_) read_clock();
    return now_;
  }

  // [any] `done` is called once on this shard: when due, when cancelled, or at stop. A due time in
  // the past fires in the next turn. Token 0: Options::timers_max are armed already, this one isn't.
  Token arm(Due due, TimerCompletion completion);
  // [any] Runs `tick` on this shard until cancelled; after a cancel from another thread one tick
  // may still run.
  Token every(int64_t period_ms, Job tick);
  // [any] False if stale, which is counted.
  bool cancel(Token token);
  const Timers& timers() const { return timers_; }

  // [any] Makes the shard look at the clock again, for tests that move a ManualClock.
  void poke() {
    post(Job{[](void* self) { static_cast<Shard*>(self)->clock_read_ = false; }, this});
  }

  uint64_t jobs_run() const { return jobs_run_.load(std::memory_order_relaxed); }
  Loop& loop() { return *loop_; }

 private:
  friend class Runtime;
  void start();
  void cancel_timers();  // control, while the loop still runs
  void stop();           // control: runs what is queued, then joins

  void run();
  void take_jobs();
  bool run_jobs();
  void run_timers();
  void run_turn_end();
  void set_alarm();
  void schedule_wake();
  void read_clock();

  const uint32_t index_;
  const Clock& clock_;
  std::unique_ptr<Loop> loop_;
  Timers timers_;
  std::thread thread_;

  std::mutex jobs_mutex_;  // guards jobs_, wake_posted_, stopped_; a leaf lock
  std::vector<Job> jobs_;
  bool wake_posted_ = false;
  bool stopped_ = false;

  // Below: the shard's own.
  std::vector<Job> running_;
  size_t next_job_ = 0;  // in running_
  bool jobs_ran_ = false;  // in this turn
  std::vector<Job> turn_end_;
  std::vector<Job> turn_end_running_;
  Now now_;
  bool clock_read_ = false;
  bool turn_full_ = false;
  bool stopping_ = false;
  std::atomic<uint64_t> jobs_run_{0};
};

}  // namespace gantry::runtime
