// Node: one life of the simulated process: a CommitLog without its threads, a queue index and a
// deriving consumer, driven step by step in the order that the node's dispatch keeps. Replay is the
// dispatcher's own. Owned by a History; one thread; its destructor is the process's end.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "commitlog/commit_log.hpp"
#include "delay.hpp"
#include "dispatch/records.hpp"
#include "ledger.hpp"
#include "plain_index.hpp"
#include "runtime/runtime.hpp"
#include "support/lying_file_system.hpp"
#include "support/rng.hpp"

namespace gantry::sim {

// How a node is broken on purpose, to show that the checker notices.
struct NodeFaults {
  bool persists_beyond_stable = false;  // the consumers
  bool misnumbers_further = false;      // further queues go on one number too high after a start
  bool drops_spans = false;             // the real index takes an inner batch for one message
};

struct NodeOptions {
  commitlog::Flush flush = commitlog::Flush::sync;
  uint64_t segment_bytes = commitlog::segment_bytes_min;
  uint64_t warm_ahead_bytes = 16384;
  bool store_file = false;     // the real index; else the plain one
  bool replicated = false;     // somebody raises REPLICATED
  uint32_t visible_after = 0;  // of the log's options
  int64_t now_ms = 1'700'000'000'000;
  NodeFaults faults{};
  bool look_at_device = true;  // is what was acknowledged on the device, at that moment?
};

// The world outside the process: they outlive it.
struct Outside {
  testing::LyingDisk& disk;
  Ledger& ledger;
  Findings& findings;
};

class Node final : private dispatch::DispatchEvents {
 public:
  Node(const NodeOptions& options, const Outside& outside);

  // Opens, checks what was found, replays. A failure may be the disk's; else it is a finding.
  Outcome<void> start();

  // One round of what the threads of a node do.
  void flush();
  void prepare();
  void drain();    // the index, and sometimes the other consumer, to VISIBLE
  void persist();  // all consumers, up to STABLE
  void derive(size_t count);
  Outcome<void> stop();

  struct Send {
    QueueName queue;
    uint32_t count = 1;  // records
    uint32_t span = 1;
    uint32_t further = 0;   // queues of further_queues, each record is numbered in
    bool prepared = false;  // a half message: unnumbered
    int64_t cause = -1;
    uint64_t body_bytes = 0;  // 0: any
  };
  ErrorCode append(const Send& send, testing::Rng& rng);

  // Tells the ledger what can be read: a killed process must not lose it.
  void note_visible();
  // As replication drives it. raise: REPLICATED, somewhere up to WRITTEN. Between follow and lead
  // the log takes raw bytes instead of appends, and may be cut down to STABLE.
  void raise(testing::Rng& rng);
  void follow();
  void lead();
  void append_raw(testing::Rng& rng);
  void truncate(testing::Rng& rng);
  bool follows() const { return log_->role() == commitlog::Role::follower; }
  // Removes files that no consumer needs any more.
  void trim();

  // Compares index and consumer with what the log must hold.
  void check_consumers();
  // After all is derived and flushed: one record for each cause, none without.
  void check_derived();

  commitlog::CommitLog& log() { return *log_; }
  ManualClock& clock() { return clock_; }
  bool failed() const { return failed_; }  // the log takes nothing until the next start
  bool idle() const;                       // nothing left to derive, flush or consume
  const Outside& outside() const { return outside_; }

 private:
  struct Ack {
    Node* node;
    int64_t begin;
    int64_t end;
  };

  void indexed(uint32_t) override {}
  void consumer_failed(const std::string& reason) override;
  void consume(Consumer& consumer, int64_t& position);
  void acknowledge(const Ack& ack);
  void wrote(Written record);
  uint64_t room() const;
  void note_failure(const ErrorCode& error);
  std::unique_ptr<Index> make_index() const;

  const NodeOptions options_;
  const Outside outside_;
  ManualClock clock_;
  testing::LyingFileSystem file_system_;
  std::deque<Ack> acks_;  // outlive the log, which calls them
  std::unique_ptr<commitlog::CommitLog> log_;
  std::unique_ptr<Index> index_;
  Delay delay_;
  runtime::Runtime runtime_;
  dispatch::Arena arena_;
  int64_t indexed_ = 0;
  int64_t delayed_ = 0;
  int64_t index_persisted_ = 0;
  bool failed_ = false;
};

}  // namespace gantry::sim
