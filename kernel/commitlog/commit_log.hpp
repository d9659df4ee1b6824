// CommitLog: the node's one ordered log of records. It owns each record's bytes, place, number and
// store time. Owned by the node; opened and stopped on the control thread, everything else from any
// thread. start() adds a flusher and a preparer thread; stop() ends them. A log destroyed without
// stop() is recovered at the next open as after a crash.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "commitlog/marks.hpp"
#include "commitlog/options.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {

enum class PutNumber {
  dense,  // the queue's next number
  raw,    // RecordDraft::queue_offset; counters stay as they are
  none,   // queue offset 0, takes no number
};

// Records to append. More than one: of one topic and queue, contiguous in the log. Borrowed until
// append returns.
struct Put {
  std::span<const RecordDraft> records;
  PutNumber number = PutNumber::dense;
  uint32_t span = 1;                // numbers one record takes: 1, or n for an inner batch
  // Further queues (of id 0) that each record is numbered in. The record tells the numbers it has
  // there, and an inner batch its first one, in its properties: see EncodedRecord::tell_numbers.
  std::span<const Text> streams{};
  int64_t now_ms = 0;  // wall clock, for who knows it; 0: the log looks
};

// The caller's, reusable. After an error only error_wire_code and reason say something.
struct PutResult {
  LogOffset log_begin;
  LogOffset log_end;
  QueueOffset first_queue_offset;
  int64_t stored_ms = 0;
  std::span<LogOffset> log_offsets{};  // in: room for one offset per record, or empty for none
  int32_t error_wire_code = 0;         // gate_closed: what the gate's owner chose
  std::string reason;                  // gate_closed, invalid: for a person
};

// Where a queue's numbers go on: the end of the bound queue index, which has consumed the log when
// the first append after open or forget_numbers() asks. Called before the append lock is taken, on
// the appending thread; it must not touch the disk. An error refuses the append.
struct NumberSource {
  ErrorCode (*next)(void* context, Text topic, int32_t queue_id, QueueOffset& next) = nullptr;
  void* context = nullptr;
};

// One entry of a queue index, in the layout of the C ABI.
struct IndexEntry {
  int64_t log_offset = 0;
  int64_t code = 0;
  int32_t size = 0;
  int32_t reserved = 0;
};
static_assert(sizeof(IndexEntry) == 24);

struct EntriesRead {
  uint32_t slices = 0;   // filled
  uint32_t covered = 0;  // entries they hold
};

struct RunLimits {
  uint64_t bytes_max = uint64_t{1} << 20;
  uint32_t what = decode_tag_code;  // decode_* bits
  bool may_block = true;
};

// Records in log order, all of one segment: views[0..count) borrow from `slice`.
struct RecordRun {
  Slice slice;
  uint32_t count = 0;
  LogOffset next;  // where to go on, blank ends of files skipped; with count 0 the log's end so far
};

enum class Role {
  leader,    // numbers and takes records
  follower,  // takes the bytes of another node's log as they are
};

class CommitLog {
 public:
  // Takes the folder's lock, recovers, prepares the first space. The failure names file and value.
  static Outcome<std::unique_ptr<CommitLog>> open(Options options);
  ~CommitLog();
  CommitLog(const CommitLog&) = delete;
  CommitLog& operator=(const CommitLog&) = delete;

  // Before start(), once each.
  void set_number_source(NumberSource source);
  void on_visible(VisibleListener listener);
  // REPLICATED is raised by raise_replicated() only. False: somebody claimed it before.
  bool claim_replicated();
  bool replicated_claimed() const;

  void start();
  // Refuses appends, flushes, fails who still waits, marks the log as cleanly stopped. Reads go on.
  Outcome<void> stop();

  // What append() would find wrong with the records themselves: for whoever does something else
  // before it.
  ErrorCode check_records(const Put& put, PutResult& result) const;
  // Encodes, numbers, stores; answers at once. No number is taken on error:
  // busy, gate_closed, invalid, no_numbers or what the number source said.
  ErrorCode append(const Put& put, PutResult& result);
  // Sync flush: what was appended may go to the disk. Once per loop turn after appends; cheap.
  void kick();
  // Counters are asked for anew: after a cut, once the index has followed it.
  void forget_numbers();

  LogOffset mark(Mark mark) const;
  uint32_t visible_after() const;  // the marks that VISIBLE is the least of, as bits
  void raise_replicated(LogOffset to);  // its owner only; no further than APPENDED
  // See Marks::await. There are no time-outs: who has a deadline cancels.
  Token await(LogOffset log_end, uint32_t marks, Completion completion);
  Token watch(Mark mark, LogOffset above, Completion completion);
  bool cancel(Token token);

  // Appends report the first closed gate, in the order gates were first closed. When close_gate
  // returns no further append succeeds. "store_failed" and "stopped" are the log's own.
  void close_gate(std::string_view name, int32_t wire_code, std::string_view reason);
  void open_gate(std::string_view name);

  // Roles and cuts: one such call at a time, from a thread that may block. A log opens as leader.
  Role role() const;
  // Takes no more appends (gate "follower") and brings what was appended to the device.
  Outcome<void> follow();
  // Takes appends again and asks for all numbers anew: the index has consumed the log to its end.
  void lead();
  // Follower only. Ends the log at `end`: the end of a record, not below STABLE. Marks above come
  // down, who waits for more is failed with `cut`, and once nobody has the bytes behind pinned (or
  // the log stops) they are zeroed on the device. The consumers have let go of them before.
  Outcome<void> truncate(LogOffset end);
  // Removes whole files that end at `below` or before it, none above STABLE and never the one that
  // is appended to. Who has pinned one reads on. Returns where the log begins now.
  LogOffset trim(LogOffset below);

  // Follower only; any thread. Whole records at the log's end, each at the place it tells, with the
  // blank ends of files between them, all checked before any is taken; at most a segment's bytes. An
  // empty log may begin at any multiple of the segment size. busy, not_follower, store_failed, or invalid: `reason` says
  // what is wrong where.
  ErrorCode append_raw(LogOffset at, Bytes records, std::string& reason);

  LogOffset begin() const;  // the first byte that can still be read

  // `size` bytes at `offset`, of one segment, pinned while slice.owner lives: gone, would_block.
  ErrorCode read(LogOffset offset, uint64_t size, bool may_block, Slice& slice) const;
  // The records of a run of index entries, one slice per run of adjacent records. Stops early at
  // what is not resident, gone, or beyond the room in `out`; an error only if that is the first.
  ErrorCode read_entries(std::span<const IndexEntry> entries, bool may_block, std::span<Slice> out,
                         EntriesRead& done) const;
  // The records from `from` on, at most views.size() and limits.bytes_max (but at least one), up
  // to VISIBLE. count 0 and no error: nothing there yet, or no more than a part of it.
  ErrorCode next_records(LogOffset from, const RunLimits& limits, std::span<RecordView> views,
                         RecordRun& run) const;

  // One round of what the threads do. For whoever runs the log without start().
  ErrorCode flush_now();
  ErrorCode prepare_now();

 private:
  struct State;
  explicit CommitLog(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace gantry::commitlog
