// CommitLog::State: the parts of an open log, for the files of this folder that work on them.
// Locks, in the order they may be taken: prepare_mutex, flush_mutex, append_mutex, those inside
// the parts. Completions run under no lock that append, await or read takes.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "commitlog/checkpoint.hpp"
#include "commitlog/commit_log.hpp"
#include "commitlog/gates.hpp"
#include "commitlog/loop.hpp"
#include "commitlog/numbers.hpp"
#include "commitlog/raw.hpp"
#include "commitlog/segment.hpp"
#include "commitlog/stage.hpp"

namespace gantry::commitlog {

constexpr int32_t wire_service_not_available = 14;
constexpr std::string_view follower_gate = "follower";
constexpr uint64_t prepared_at_open_bytes = uint64_t{4} << 20;
constexpr uint64_t page_bytes = 4096;

struct CommitLog::State {
  State(Options o, FileSystem& fs, const Clock& c);

  // Constant after open.
  const Options options;
  FileSystem& file_system;
  const Clock& clock;
  const std::string control_folder;  // data_dir/gantry
  std::unique_ptr<File> lock_file;
  LogOffset opened_at;  // the log's end when it was opened: what lies behind is in memory
  NumberSource number_source;

  // Guarded by themselves.
  Segments segments;
  Marks marks;
  Gates gates;
  std::atomic<bool> failed{false};
  std::atomic<Role> role{Role::leader};
  std::stop_source stopping;

  std::mutex append_mutex;  // guards the next five
  bool takes_raw = false;   // a follower that isn't being cut
  SegmentRef tail;          // the segment that APPENDED stands in; none until space was prepared
  int64_t stored_ms = 0;
  Numbers numbers;
  Stage filling;

  std::mutex flush_mutex;  // one flush at a time; guards flushing
  Stage flushing;

  std::mutex prepare_mutex;  // one preparation at a time; guards the next three
  uint64_t last_checkpoint_ns = 0;
  LogOffset last_checkpoint;
  bool prepare_complained = false;
  std::atomic<int64_t> prepared{0};    // log offset below which space is ready
  std::atomic<int64_t> prepare_at{0};  // the preparer is woken when the tail passes this
  std::atomic<int64_t> prepare_to{0};  // where the last append that found no space would have ended

  // Where the next record is likely to go in the map, for a prefetch: nothing is read through it.
  std::atomic<const uint8_t*> next_store{nullptr};

  Loop flusher;
  Loop preparer;

  bool sync_flush() const { return options.flush == Flush::sync; }
  Outcome<void> open();
  void fail_store(const std::string& why);

  ErrorCode flush();
  ErrorCode flush_mapped();
  ErrorCode flush_staged();
  ErrorCode write_staged();
  ErrorCode sync_segments(LogOffset from, LogOffset to);
  Outcome<void> rewrite(LogOffset from, LogOffset to);

  // Keeps `ahead` bytes ready behind the tail, at most to the end of the segment after it.
  ErrorCode prepare(uint64_t ahead);
  ErrorCode prepare_slice(LogOffset to);
  void keep_checkpoint();
  ErrorCode store_checkpoint(bool clean);

  struct Counters;
  ErrorCode find_counters(std::unique_lock<std::mutex>& lock, Counters& counters);
  ErrorCode commit(std::span<EncodedRecord> records, const Put& put, Counters& counters,
                   PutResult& result);
  ErrorCode take_place(uint64_t bytes, LogOffset& place);
  void store(LogOffset place, std::span<const Bytes> parts);
  void prefetch(uint64_t bytes) const;
  void stored_to(LogOffset place, std::unique_lock<std::mutex>& lock);

  ErrorCode commit_raw(LogOffset at, const RawRecords& read);
  // May records from `at` on be taken? `begin`: where the log begins then. may_place_raw: under the
  // append lock already.
  ErrorCode place_raw(LogOffset at, LogOffset& begin, std::string& reason);
  ErrorCode may_place_raw(LogOffset at, LogOffset& begin, std::string& reason) const;
  ErrorCode begin_at(LogOffset at, std::string& reason);
  Outcome<void> cut(LogOffset end);
  Outcome<void> zero_behind(LogOffset end);
  Outcome<bool> record_ends_at(LogOffset offset) const;
  bool resident(const Segment& segment, LogOffset from, LogOffset to) const;
  ErrorCode make_resident(const Segment& segment, LogOffset from, LogOffset to,
                          bool may_block) const;
  ErrorCode make_run_resident(const Segment& segment, LogOffset from, LogOffset to,
                              bool may_block) const;
};

}  // namespace gantry::commitlog
