// RecordDispatcher: hands every record that became visible to the log consumers, in log order.
// Owned by the node; made and ended on the control thread.
//
// Inline consumers run when VISIBLE rises: on the shard that notices, at the end of its loop turn,
// else on shard 0. One lock, only ever tried: who holds it drains to VISIBLE and looks again before
// leaving, so order holds with any number of shards. A drain goes: the queue index (consumers that
// run behind nobody), then the answers that waited for it, then the others (wake-ups). Consumers
// that are not inline run on the log worker, which also has everyone persist.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "commitlog/commit_log.hpp"
#include "dispatch/log_consumer.hpp"
#include "runtime/runtime.hpp"

namespace gantry::dispatch {

// What the dispatcher tells the rest of the node. Outlives it.
class DispatchEvents {
 public:
  virtual ~DispatchEvents() = default;
  // [shard] The queue index has consumed further: answers may go.
  virtual void indexed(uint32_t shard) = 0;
  // [any] A consumer could not go on: the log's gate is closed, the node should end.
  virtual void consumer_failed(const std::string& reason) = 0;
};

class RecordDispatcher {
 public:
  struct Options {
    bool kick = false;  // sync flush: the flusher waits to be told
    uint32_t persist_interval_ms = 1000;
    uint32_t attempts_max = 3;  // of a consume that fails, with growing pauses between them
  };
  RecordDispatcher(runtime::Runtime& runtime, commitlog::CommitLog& log, DispatchEvents& events,
                   Options options);
  ~RecordDispatcher();

  // Control thread, before replay().
  void add(LogConsumer& consumer) { consumers_.push_back({&consumer}); }
  // Sorts the stages, brings every consumer to the log's end, says live.
  Outcome<void> replay();
  // From here on records are dispatched as they become visible. The log isn't started yet.
  void start();
  // The shards still run: what is visible is dispatched and persisted. Then the worker ends.
  void stop();

  // [any] VISIBLE has risen: call from the log's listener.
  void visible_rose();
  // [any] Something was appended: under sync flush the log is kicked, once per loop turn.
  void appended();
  // [any] Where the queue index stands.
  int64_t indexed() const { return indexed_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    LogConsumer* consumer;
    int64_t position = 0;
    bool first_stage = false;  // runs behind nobody: answers wait for it
    uint32_t attempts = 0;
    uint64_t retry_ns = 0;  // on the worker: not before, after a consume that failed
  };
  struct PerShard {
    RecordDispatcher* owner = nullptr;
    runtime::Shard* shard = nullptr;
    bool due = false;       // the shard's own: a drain is queued for the end of this turn
    bool kick_due = false;  // likewise a kick
    Arena arena;
  };

  Outcome<void> order();
  Outcome<void> replay(Entry& entry, int64_t end);
  Status feed(Entry& entry, Call& call, std::span<const commitlog::RecordView> views);
  int64_t visible() const { return log_.mark(commitlog::Mark::visible).value; }

  void drain(PerShard& on);
  bool drain_locked(PerShard& on);  // false: a consumer has stalled
  void stalled(PerShard& on, Entry& entry, Status status, const CallError& error);
  void fail(const std::string& reason);
  static void run_drain(void* on);
  static void run_kick(void* on);
  static void retry(void* on, runtime::TimerEnd end);

  void work();
  // The steady time to look again at a consumer that failed; none needed: its maximum.
  uint64_t consume_on_worker();
  bool consume_on_worker(Entry& entry, std::span<commitlog::RecordView> views);
  void persist_all();

  runtime::Runtime& runtime_;
  commitlog::CommitLog& log_;
  DispatchEvents& events_;
  const Options options_;
  std::vector<Entry> consumers_;  // in stage order after replay()
  std::vector<Entry*> inline_;
  std::vector<Entry*> on_worker_;

  std::mutex drain_mutex_;  // guards what a drain changes: inline entries, position_, views_
  int64_t position_ = 0;    // what the inline consumers have all consumed
  std::vector<commitlog::RecordView> views_;
  std::atomic<int64_t> drained_{0};
  std::atomic<int64_t> indexed_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> paused_{false};  // an inline consumer failed: nobody drains until its retry
  std::atomic<bool> posted_{false};  // a drain is on its way to shard 0
  std::vector<std::unique_ptr<PerShard>> shards_;

  std::mutex worker_mutex_;  // guards worker_stop_ and worker_due_
  std::condition_variable worker_ready_;
  bool worker_stop_ = false;
  bool worker_due_ = false;
  std::thread worker_;
};

}  // namespace gantry::dispatch
