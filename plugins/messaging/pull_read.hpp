// PullRead: what a queue has at an offset for a subscription: which of RocketMQ's cases it is, and
// the records as slices of the log. Owned by the Broker; holds nothing; any thread.
//
// A subscription makes a pull walk the queue until its answer is full, for at most
// `pull_scan_entries_max` entries and 20 ms. A walk on a shard goes in slices of time and can go on
// where it stopped: in a later turn, or on a worker when the disk has to be read. Entries are judged by
// their codes first; records are looked at only where these don't tell. At a record its filter cannot
// judge a walk ends: what was found before it is the answer, and the pull that begins there fails, so
// that nothing is passed over unseen. How many records a filter is asked about in one call follows from
// how long it took for the last ones, and from how many of them it wanted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "filter.hpp"
#include "options.hpp"
#include "pull_batch.hpp"
#include "pulled_records.hpp"
#include "queue_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

struct PullWanted {
  std::string_view topic;
  int32_t queue_id = 0;
  int64_t offset = 0;  // what the client asked for
  int64_t seen = 0;    // nothing before it is for this pull; at most the client's offset otherwise
  int32_t messages_max = 0;
  std::optional<int32_t> bytes_max;
  const Filter* filter = nullptr;  // null: everything
};

struct PullOutcome {
  explicit PullOutcome(const Services& services) : records(services) {}

  // OK: it is done. WOULD_BLOCK: go on on a worker. PENDING: go on in a later turn. Else it failed.
  gantry_status status = GANTRY_OK;
  int32_t code = 0;
  std::string_view name;     // FOUND, OFFSET_OVERFLOW_ONE, ...
  std::string failure;    // why, when status is a failure; empty: the queue could not be read
  int64_t next = 0;          // and where to go on
  gantry_queue_bounds bounds{};
  int64_t scanned = 0;     // queue offsets walked over
  int64_t log_offset = 0;  // of the last record walked over
  bool begun = false;      // the bounds are known
  bool removing = false;   // the log gave up records the index still has
  uint64_t walked_ns = 0;  // the time it took of its threads
  uint32_t together = 1;   // records a filter is asked about in one call, as many as it is quick
  int64_t looked_at = 0;   // records a filter was asked about
  int32_t messages = 0;
  int64_t bytes = 0;
  PulledRecords records;
};

class PullRead {
 public:
  PullRead(const Services& services, const Options& options, const QueueReader& queues)
      : services_(services), options_(options), queues_(queues) {}

  enum class Thread { shard, worker };  // a worker may read the disk, and take its time
  // Begins with a fresh outcome, or goes on with one.
  void read(const gantry_call& call, const PullWanted& wanted, Thread thread,
            PullOutcome& out) const;

 private:
  struct Chunk;
  // Fills code, name and next for an offset outside [min, max); false inside.
  static bool is_outside(int64_t offset, PullOutcome& out);
  bool begin(const gantry_call& call, const PullWanted& wanted, PullOutcome& out) const;
  bool load(const gantry_call& call, const PullWanted& wanted, Thread thread, Chunk& chunk,
            PullOutcome& out) const;
  void walk(const gantry_call& call, const PullWanted& wanted, Thread thread, Chunk& chunk,
            PullOutcome& out) const;
  bool fits(const gantry_index_entry& entry, const PullWanted& wanted, int32_t messages,
            int64_t bytes) const;
  void gather(const PullWanted& wanted, const Chunk& chunk, PullBatch& batch,
              const PullOutcome& out) const;
  uint32_t batch_of(const PullWanted& wanted, const PullOutcome& out) const;
  uint32_t judge(const gantry_call& call, const PullWanted& wanted, PullBatch& batch,
                 PullOutcome& out) const;
  uint32_t take(const PullWanted& wanted, const PullBatch& batch, uint32_t judged,
                PullOutcome& out) const;
  void skip_removed(const PullBatch& batch, Chunk& chunk, PullOutcome& out) const;
  bool find_begin(Chunk& chunk, bool may_block, PullOutcome& out) const;
  bool is_at_end(const PullOutcome& out) const;
  static void finish(PullOutcome& out);

  const Services& services_;
  const Options& options_;
  const QueueReader& queues_;
};

}  // namespace gantry::messaging
