#include "runtime/worker_pool.hpp"

#include <algorithm>
#include <utility>

#include "base/signal_stack.hpp"
#include "base/thread_name.hpp"

namespace gantry::runtime {

WorkerPool::WorkerPool(Options options) : options_(options) {
  if (options_.threads == 0) {
    options_.threads = std::max(2u, std::thread::hardware_concurrency()) - 1;
  }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::start() {
  for (uint32_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
}

bool WorkerPool::submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= options_.queue_jobs_max) {
      ++refused_;
      return false;
    }
    queue_.push_back(job);
  }
  ready_.notify_one();
  return true;
}

bool WorkerPool::submit(Task task) {
  const Job job = std::move(task).into_job();
  if (submit(job)) return true;
  Task::discard(job);
  return false;
}

void WorkerPool::run() {
  name_thread("worker");
  const SignalStack signal_stack;
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Job job = queue_.front();
    queue_.pop_front();
    lock.unlock();
    job.run(job.context);
    lock.lock();
  }
}

void WorkerPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

uint64_t WorkerPool::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

uint64_t WorkerPool::refused() const {
  std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace gantry::runtime
