// RecordDispatcher: hands every record that became visible to the log consumers, in log order, and
// changes the log where consumers must follow: cuts, trims, roles. Owned by the node; made and ended
// on the control thread.
//
// Inline consumers run when VISIBLE rises: on the shard that notices, at the end of its loop turn,
// else on shard 0. One lock, only tried by shards: who holds it drains to VISIBLE and looks again
// before leaving, so order holds with any number of shards. A drain goes: the queue index (consumers
// that run behind nobody), then the answers that waited for it, then the others (wake-ups).
// Consumers that are not inline run on the log worker, which also has everyone persist.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "commitlog/commit_log.hpp"
#include "dispatch/consumer_entry.hpp"
#include "dispatch/lag_gates.hpp"
#include "dispatch/log_tasks.hpp"
#include "dispatch/record_codes.hpp"
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
  // [worker] The log will end at log_end: answers that wait for more are failed when this returns.
  virtual void cut(int64_t log_end) { static_cast<void>(log_end); }
  // [control] At start, once a second of a long replay.
  virtual void replaying(const std::string& consumer, int64_t bytes, int64_t bytes_in_all) {
    static_cast<void>(consumer), static_cast<void>(bytes), static_cast<void>(bytes_in_all);
  }
};

// How a consumer is doing, for metrics and people.
struct ConsumerFacts {
  std::string name;
  int64_t position = 0;
  int64_t persisted = 0;
  int64_t lag_bytes = 0;
  uint64_t skipped = 0;
  bool paused = false;
};

class RecordDispatcher {
 public:
  struct Options {
    bool kick = false;  // sync flush: the flusher waits to be told
    uint32_t persist_interval_ms = 1000;
    uint32_t attempts_max = 3;  // of a consume that fails, with growing pauses between them
    int64_t lag_bytes_max = int64_t{256} << 20;
    std::function<bool()> called_off = {};  // [control] whether a replay is to end: the node stops
  };
  RecordDispatcher(runtime::Runtime& runtime, commitlog::CommitLog& log, DispatchEvents& events,
                   Options options);
  ~RecordDispatcher();

  // Control thread, before replay().
  void add(LogConsumer& consumer);
  void set_codes(RecordCodes& codes) { codes_ = &codes; }
  // Sorts the stages, brings every consumer to the log's end, says live. Once called off it fails
  // before the next batch: nobody is live then, what consumers had persisted is as it was.
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
  int64_t indexed() const { return indexed_.load(); }
  // [any] Between start() and stop().
  bool running() const { return running_.load(std::memory_order_acquire); }
  // [any] After replay().
  std::vector<ConsumerFacts> facts() const;

  // [any] Changes of the log, run by the log worker one at a time in the order asked; abi
  // host/commitlog.h tells each. ok: `done` will be called, by the worker or at stop().
  Status lead(int64_t epoch, TaskDone done);
  Status follow(int64_t epoch, TaskDone done);
  Status truncate(int64_t log_end, TaskDone done);
  // Runs on the log worker, soon.
  void trim(int64_t below, bool forced);
  // See CommitLog::append_raw. Also busy while another thread is in it, not_follower while a lead is
  // under way.
  ErrorCode append_raw(LogOffset at, Bytes records, std::string& reason);

 private:
  using Entry = ConsumerEntry;
  struct PerShard {
    RecordDispatcher* owner = nullptr;
    runtime::Shard* shard = nullptr;
    bool due = false;       // the shard's own: a drain is queued for the end of this turn
    bool kick_due = false;  // likewise a kick
    uint32_t appends = 0;   // by modules in this turn
    Arena arena;
  };
  // Context of a pause's timer.
  struct Retry {
    RecordDispatcher* owner;
    Entry* entry;
  };

  // records.cpp
  Outcome<void> order();
  int64_t visible() const { return log_.mark(commitlog::Mark::visible).value; }
  ErrorCode read(int64_t from, std::span<commitlog::RecordView> views,
                 commitlog::RecordRun& run) const;
  Call call_off_shards(Arena& arena, CallError& error) const;
  bool passed_over(Entry& entry, Status status, const CallError& error,
                   std::span<const commitlog::RecordView> views, int64_t end);
  std::string reason_of(const Entry& entry, Status status, const CallError& error) const;
  void fail(const std::string& reason);
  void tell_worker();

  // record_replay.cpp
  Outcome<void> replay(Entry& entry, int64_t end);
  Outcome<void> place(Entry& entry, int64_t end);
  Outcome<void> replay_run(Entry& entry, int64_t limit);

  // record_drain.cpp
  bool wants_drain() const;
  void drain(PerShard& on);
  void drain_locked(PerShard& on);
  int64_t least_ready(int64_t end) const;
  void feed_inline(PerShard& on, int64_t from, const commitlog::RecordRun& run);
  void feed_inline(PerShard& on, Entry& entry, std::span<const commitlog::RecordView> views,
                   int64_t end);
  void tell_indexed(PerShard& on, int64_t drained_to);
  void retry_later(PerShard& on, Entry& entry);
  void retry_unarmed();
  void post_drain();
  static void run_drain(void* on);
  static void run_kick(void* on);
  static void retry(void* at, runtime::TimerEnd end);

  // log_worker.cpp
  void work();
  bool wait_for_work(std::chrono::steady_clock::time_point look_at);
  uint64_t consume_on_worker();
  void consume_on_worker(Entry& entry, std::span<commitlog::RecordView> views);
  void persist_all();

  // log_changes.cpp
  void run_tasks();
  bool run_task(const LogTask& task, Status& status);
  bool run_lead(Status& status);
  bool consumed_to_end() const;
  Status run_follow();
  Status run_truncate(int64_t end);
  Status may_cut(int64_t end) const;
  Status cut_held(int64_t end);
  void run_trim();
  int64_t least_persisted(bool forced) const;
  int64_t trim_under(int64_t below, std::vector<Entry*>& told);
  void tell_trimmed(Entry& entry, int64_t begin) const;

  runtime::Runtime& runtime_;
  commitlog::CommitLog& log_;
  DispatchEvents& events_;
  const Options options_;
  RecordCodes* codes_ = nullptr;  // null: every record has its tag's
  LagGates lag_gates_;
  std::vector<std::unique_ptr<Entry>> consumers_;  // in stage order after replay()
  std::vector<Entry*> inline_;                     // those that run behind nobody first
  std::vector<Entry*> on_worker_;
  std::vector<Entry*> bounding_;  // those that bound visibility
  bool worker_follows_inline_ = false;  // one on the worker runs behind an inline one

  std::mutex drain_mutex_;  // guards what a drain changes: inline entries, views_
  std::vector<commitlog::RecordView> views_;
  std::atomic<int64_t> drained_{0};  // VISIBLE as the last drain found it
  std::atomic<int64_t> indexed_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> held_{false};       // the log worker wants the drain lock: drains leave it alone
  std::atomic<bool> retry_due_{false};  // an inline entry's pause is over
  std::atomic<bool> posted_{false};     // a drain is on its way to shard 0
  std::vector<std::unique_ptr<PerShard>> shards_;
  std::vector<std::unique_ptr<Retry>> retries_;  // one for each inline entry, in that order

  LogTasks tasks_;
  std::atomic<bool> lead_waits_{false};  // a lead waits for consumers: they tell the worker
  std::mutex raw_mutex_;                 // one append_raw at a time; guards leading_
  bool leading_ = false;                 // no more raw bytes: the node is about to lead

  std::mutex worker_mutex_;  // guards worker_stop_ and worker_due_
  std::condition_variable worker_ready_;
  bool worker_stop_ = false;
  bool worker_due_ = false;
  std::thread worker_;
};

}  // namespace gantry::dispatch
