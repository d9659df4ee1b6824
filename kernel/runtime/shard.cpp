#include "runtime/shard.hpp"

#include <boost/asio/post.hpp>
#include <algorithm>
#include <future>

#include "base/signal_stack.hpp"
#include "base/thread_name.hpp"
#include "runtime/io_context.hpp"

namespace gantry::runtime {
namespace {

// A turn runs at most this many ready handlers, so that turn-end jobs (writes, the log's flusher)
// aren't starved by sessions that are always readable.
constexpr int handlers_per_turn_max = 64;
constexpr int turn_end_rounds_max = 4;
// Jobs don't go on for longer in one turn: long work comes in pieces, each of which posts the next,
// and between them others are read and answered.
constexpr uint64_t jobs_ns_max = 50'000;
// The alarm never sleeps longer while wall timers may be armed, so a stepped clock is noticed.
constexpr int64_t alarm_ms_max = 1000;

}  // namespace

constinit thread_local uint32_t this_shard = no_shard;

Shard::Shard(uint32_t index, const Clock& clock, uint32_t timers_max)
    : index_(index), clock_(clock), loop_(std::make_unique<Loop>()), timers_(index, timers_max) {}

Shard::~Shard() = default;

bool Shard::post(Job job) {
  std::lock_guard lock(jobs_mutex_);
  if (stopped_) return false;
  jobs_.push_back(job);
  if (!wake_posted_) schedule_wake();
  return true;
}

bool Shard::post(Task task) {
  const Job job = std::move(task).into_job();
  if (post(job)) return true;
  Task::discard(job);
  return false;
}

// One wake-up for however many jobs gather until it runs; none on the shard, which looks for jobs
// before it waits. Called with jobs_mutex_ held.
void Shard::schedule_wake() {
  if (here()) return;
  wake_posted_ = true;
  boost::asio::post(loop_->io, [this] { run_jobs(); });
}

void Shard::run_and_wait(Task task) {
  std::promise<void> done;
  auto future = done.get_future();
  if (post(Task([&] {
        task();
        done.set_value();
      }))) {
    future.wait();
  }
}

void Shard::take_jobs() {
  std::lock_guard lock(jobs_mutex_);
  wake_posted_ = false;
  if (next_job_ < running_.size()) return;
  running_.clear();
  next_job_ = 0;
  running_.swap(jobs_);
}

// Once in a turn. False: there was none.
bool Shard::run_jobs() {
  if (jobs_ran_) return true;
  take_jobs();
  if (running_.empty()) return false;
  jobs_ran_ = true;
  const uint64_t begin_ns = clock_.now_ns();
  do {
    const Job job = running_[next_job_++];
    jobs_run_.store(jobs_run() + 1, std::memory_order_relaxed);
    job.run(job.context);
  } while (next_job_ < running_.size() && clock_.now_ns() - begin_ns < jobs_ns_max);
  return true;
}

Token Shard::arm(Due due, TimerCompletion completion) {
  const Timers::Armed armed = timers_.arm(due, completion);
  if (armed.earliest && !here()) poke();
  return armed.token;
}

Token Shard::every(int64_t period_ms, Job tick) {
  const int64_t now_ms = static_cast<int64_t>(clock_.now_ns() / 1'000'000);
  const Timers::Armed armed = timers_.every(now_ms + period_ms, period_ms, tick);
  if (armed.earliest && !here()) poke();
  return armed.token;
}

bool Shard::cancel(Token token) {
  const auto cancelled = timers_.cancel(token);
  if (!cancelled) return false;
  // Posted, so that a completion never runs inside the call that cancels it.
  const TimerCompletion then = cancelled->completion;
  if (then.done) {
    post(Task([then] { then.done(then.context, TimerEnd::cancelled); }));
  }
  return true;
}

void Shard::cancel_timers() {
  run_and_wait([this] {
    while (const auto taken = timers_.take_any()) {
      if (taken->completion.done) {
        taken->completion.done(taken->completion.context, TimerEnd::cancelled);
      }
    }
  });
}

void Shard::start() {
  thread_ = std::thread([this] { run(); });
}

void Shard::stop() {
  if (!thread_.joinable()) return;
  post(Task([this] { stopping_ = true; }));
  thread_.join();
}

void Shard::run() {
  this_shard = index_;
  name_thread("shard");
  const SignalStack signal_stack;
  for (bool open = true; open;) {
    clock_read_ = false;
    turn_full_ = false;
    jobs_ran_ = false;
    // Jobs come first, so that who came while they ran is answered before the next ones.
    if (!run_jobs()) loop_->io.run_one();
    for (int i = 1; i < handlers_per_turn_max && !turn_full_ && loop_->io.poll_one() > 0;) ++i;
    run_timers();
    run_turn_end();
    set_alarm();
    if (stopping_) {
      std::lock_guard lock(jobs_mutex_);
      open = !jobs_.empty() || next_job_ < running_.size();
      stopped_ = !open;
    }
  }
  this_shard = no_shard;
}

void Shard::run_timers() {
  while (const auto fired = timers_.take_due(now())) {
    if (fired->tick.run) fired->tick.run(fired->tick.context);
    if (fired->completion.done) {
      fired->completion.done(fired->completion.context, TimerEnd::due);
    }
  }
}

// One Asio timer stands for all of them, and is moved only to ring sooner: most timers of a broker
// are far away and cancelled before they are due.
void Shard::set_alarm() {
  const auto wait = timers_.wait_ms(now());
  if (!wait) return;
  const auto delay = std::chrono::milliseconds(std::min(*wait, alarm_ms_max));
  const auto at = std::chrono::steady_clock::now() + delay;
  if (at >= loop_->alarm_at) return;
  loop_->alarm_at = at;
  loop_->alarm.expires_at(at);
  loop_->alarm.async_wait([this](const boost::system::error_code& error) {
    if (!error) loop_->alarm_at = std::chrono::steady_clock::time_point::max();
  });
}

void Shard::run_turn_end() {
  for (int round = 0; round < turn_end_rounds_max && !turn_end_.empty(); ++round) {
    turn_end_running_.swap(turn_end_);
    for (const Job& job : turn_end_running_) job.run(job.context);
    turn_end_running_.clear();
  }
  if (!turn_end_.empty()) poke();
}

void Shard::read_clock() {
  now_ = {clock_.now_ms(), clock_.now_ns()};
  clock_read_ = true;
}

}  // namespace gantry::runtime
