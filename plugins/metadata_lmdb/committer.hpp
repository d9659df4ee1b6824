// Committer: takes writes from any thread and commits them in order, many in one transaction, one
// transaction at a time on a host worker. Owned by MetadataLmdb; its jobs share it, so a job the
// host calls late finds it alive. Ends with stop(), when every completion has been called.
#pragma once

#include <gantry/host/timer.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cpp/host.hpp"
#include "environment.hpp"
#include "write_queue.hpp"

namespace gantry::metadata_lmdb {

class Committer : public std::enable_shared_from_this<Committer> {
 public:
  Committer(sdk::Host host, Environment& environment, uint64_t queue_bytes_max);

  // now: commit as soon as a worker is free; else with the next commit. [any]
  void submit(Write write, bool now);
  // The commit interval has passed. [shard]
  void tick();
  // OK when nothing is left to do, else PENDING: the token completes when all is committed and
  // told. Nothing is submitted from here on. [control]
  gantry_status drain(gantry_token drained);
  // Commits what is left on this thread, after the worker has left. [control]
  void stop();

 private:
  struct Told {
    gantry_completion then;
    gantry_status status;
  };
  struct Job;
  struct Delivery;

  bool start_job();
  void run_job(const gantry_call& call, gantry_status status);
  void commit_queued(const gantry_call& call, bool post);
  void commit(std::span<Write> writes, std::span<gantry_status> outcomes, std::string& reason);
  void post(const gantry_call& call, uint32_t shard, std::vector<Told> told);
  void delivered();
  void tell_drained(std::unique_lock<std::mutex>& lock);
  static void tell(const gantry_call& call, std::span<const Told> told);

  const sdk::Host host_;
  const gantry_timer& timer_;
  Environment& environment_;
  WriteQueue queue_;

  std::mutex guard_;  // guards everything below; not held while committing or telling
  std::condition_variable left_worker_;
  bool job_pending_ = false;  // a job is queued at the host or running
  bool running_ = false;
  bool again_ = false;        // a write that can't wait for the tick came while a job was running
  size_t deliveries_ = 0;     // posted to shards and not yet run
  gantry_token drained_ = 0;  // 0: not draining
};

}  // namespace gantry::metadata_lmdb
