// WorkerPool: the threads for work that may block (disk reads, LMDB commits). Owned by Runtime, fed
// by any thread through one bounded queue. Ends in stop(): queued jobs are run, then it joins.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/job.hpp"

namespace gantry::runtime {

class WorkerPool {
 public:
  struct Options {
    uint32_t threads = 0;  // 0: one less than there are cores, at least one
    uint64_t queue_jobs_max = 65536;
  };
  explicit WorkerPool(Options options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // [any] False if the queue is full or the pool has stopped: the job isn't taken.
  [[nodiscard]] bool submit(Job job);
  [[nodiscard]] bool submit(Task task);

  void start();
  void stop();

  uint32_t threads() const { return options_.threads; }
  uint64_t queued() const;
  uint64_t refused() const;

 private:
  void run();

  Options options_;
  std::vector<std::thread> threads_;
  mutable std::mutex mutex_;  // guards everything below; a leaf lock
  std::condition_variable ready_;
  std::deque<Job> queue_;
  uint64_t refused_ = 0;
  bool stopped_ = false;
};

}  // namespace gantry::runtime
