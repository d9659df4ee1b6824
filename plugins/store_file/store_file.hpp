// StoreFile: the queue index in RocketMQ's files, one instance per node, and the key index beside
// it. It consumes the log inline, keeps new units in memory and writes them when the host says
// persist; a table of the queues' bounds is stored behind them. Made and ended on the control
// thread.
//
// consume and truncate: one at a time. persist, trimmed: a worker, beside consume. read and bounds:
// any thread, beside everything. Locks, in this order: disk_guard_, a topic's guard,
// unsaved_guard_.
#pragma once

#include <gantry/cap/key_index.h>
#include <gantry/cap/queue_index.h>
#include <gantry/host/commitlog.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bounds_table.hpp"
#include "broker_files.hpp"
#include "check.hpp"
#include "cpp/module.hpp"
#include "disk.hpp"
#include "inner.hpp"
#include "keys/key_index.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"
#include "stored_times.hpp"

namespace gantry::store_file {

class StoreFile : public sdk::Module {
 public:
  // disk: outlives the instance.
  explicit StoreFile(const gantry_host* host, Disk& disk = real_disk());

  gantry_status start(gantry_token ready) override;  // [control]
  void stop() override;                              // [control]

  // gantry.log_consumer
  int64_t position();  // [control]
  gantry_status consume(const gantry_call& call, const gantry_batch& batch,
                        uint32_t& consumed);                      // [log]
  void live(int64_t log_offset);                                  // [control]
  int64_t persist(const gantry_call& call, int64_t stable);       // [worker]
  void truncate(int64_t log_offset);                              // [log]; at start [control]
  void trimmed(const gantry_call& call, int64_t min_log_offset);  // [worker]

  // gantry.queue_index
  gantry_status read(const gantry_call* call, gantry_str topic, int32_t queue_id, bool may_block,
                     int64_t from, gantry_index_entry* entries, uint32_t capacity,
                     uint32_t& count);  // [any]
  gantry_status bounds(const gantry_call* call, gantry_str topic, int32_t queue_id,
                       gantry_queue_bounds& out);  // [any]
  gantry_status at_time(const gantry_call& call, gantry_str topic, int32_t queue_id, bool upper,
                        int64_t time_ms, int64_t& queue_offset);  // [worker]

  // gantry.key_index
  gantry_status find(const gantry_call* call, const gantry_key_query& query,
                     gantry_key_hits& hits);  // [worker]

  // gantry.store_check, instead of start
  int64_t open_check(const gantry_check_sink& sink);  // [control]
  void check(const gantry_batch& batch);              // [control]
  void close_check(int64_t log_begin, int64_t log_end,
                   gantry_check_counts& counts);  // [control]

 private:
  struct Options {
    int64_t recent_units;
    uint64_t memory_bytes_max;
  };
  // What truncate took from a queue's files and has not erased yet.
  struct Cut {
    Queue* queue;
    int64_t begin;  // everything from this unit on
    bool batch;
  };
  // Units that are in the files only.
  struct Run {
    Queue* queue = nullptr;
    int64_t begin = 0;
    int64_t end = 0;
    bool batch = false;
  };

  // store_file.cpp: start and stop
  void open_parts();
  std::optional<std::string> load();
  void rebuild(const std::string& reason);

  // consume.cpp: a record's way in
  void make_room();
  void index(const gantry_message& message);
  void index_light(const LightQueue& light, const gantry_message& message);
  void restart(Queue& queue, int64_t offset);
  bool takes_next(Queue& queue, int64_t offset, const gantry_message& message, bool lenient);
  static void append_plain(Queue& queue, const gantry_index_entry& entry, int64_t offset);
  static void append_batch(Queue& queue, BatchUnit unit, int32_t count);
  void added(Queue& queue, uint64_t tail_bytes_before, int64_t log_offset);
  void note(const std::string& text);

  // read.cpp: a reader's way out
  static gantry_status read_memory(Queue* queue, int64_t from, std::span<gantry_index_entry> out,
                                   Run& run, uint32_t& count);
  uint32_t read_files(const Run& run, QueueFiles::Wait wait, int64_t from,
                      std::span<gantry_index_entry> out);

  // by_time.cpp
  std::optional<int64_t> stored_ms(const BatchUnit& unit, bool batch);

  // persist.cpp: how state becomes durable
  int64_t save_all(int64_t stable);
  int64_t save(int64_t stable);
  void withdraw_promise();
  void write_queue(Queue& queue, int64_t limit);
  template <class Unit>
  static int64_t encode_units(const Tail<Unit>& tail, int64_t from, int64_t limit,
                              std::vector<uint8_t>& block);
  void write_table(const TableHead& head, const std::vector<Queue*>& changed);
  void write_whole_table(const TableHead& head);
  void take_back(const std::vector<Queue*>& queues);
  void finish(const std::vector<Queue*>& saved);
  void shrink();
  void drop_tail(Queue& queue, int64_t keep_from);

  // cut.cpp: what the log gives up at either end
  std::optional<BatchUnit> unit_at(Queue& queue, int64_t number);
  [[noreturn]] void no_unit(const Queue& queue, int64_t number);
  int64_t first_at(Queue& queue, int64_t log_offset);
  void cut_queue(Queue& queue, int64_t end);
  void erase_cuts();
  bool raise_minimum(Queue& queue, int64_t min_log_offset);
  void raise_minimums(int64_t min_log_offset);

  const Options options_;
  Disk& disk_;
  const std::filesystem::path root_;
  const std::filesystem::path folder_;  // of what is the instance's own
  QueueFiles files_;
  QueueTable queues_;
  std::unique_ptr<KeyIndex> keys_;  // from start on; null: the settings have it off
  BoundsTable bounds_;
  BrokerFiles broker_files_;
  StoredTimes times_;
  std::unique_ptr<StoreCheck> check_;  // of an instance that is never started

  std::atomic<int64_t> consumed_{0};     // end of the last record taken; raised by consume
  std::atomic<uint64_t> tail_bytes_{0};  // memory of all tails
  std::atomic<uint64_t> cut_count_{0};   // how often units were taken back
  uint64_t notes_ = 0;                   // consume's own
  bool live_ = false;                    // consume's own: set while it can't run

  std::mutex disk_guard_;  // guards all writing of files, and the next three
  TableHead stored_;       // what was promised last
  bool promised_in_vain_ = false;  // a save failed: the table may be read as saying more than that
  std::vector<Cut> cuts_;

  std::mutex unsaved_guard_;
  std::vector<Queue*> unsaved_;  // queues with units that persist hasn't written; listed is set
};

// Topic and queue id become names of folders: what would lead elsewhere is refused, whatever else
// was checked before.
bool is_folder_name(std::string_view topic);
// For people: printable and short.
std::string queue_name(std::string_view topic, int32_t id);

}  // namespace gantry::store_file
