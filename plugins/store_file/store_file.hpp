// StoreFile: the queue index in RocketMQ's ConsumeQueue files, one instance per node. It consumes
// the log inline, keeps new units in memory and writes them when the host says persist; the
// position is stored behind them. Made and ended on the control thread.
//
// consume and truncate: one at a time. persist: a worker, beside consume. read and bounds: any
// thread, beside everything. Locks, in this order: disk_guard_, a topic's guard, unsaved_guard_.
#pragma once

#include <gantry/cap/queue_index.h>
#include <gantry/host/commitlog.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cpp/module.hpp"
#include "disk.hpp"
#include "position.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"

namespace gantry::store_file {

class StoreFile : public sdk::Module {
 public:
  explicit StoreFile(const gantry_host* host, Disk& disk = real_disk());

  gantry_status start(gantry_token ready) override;  // [control]
  void stop() override;                              // [control]

  // gantry.log_consumer
  int64_t position();  // [control]
  gantry_status consume(const gantry_call& call, const gantry_batch& batch,
                        uint32_t& consumed);                 // [log]
  void live(int64_t log_offset);                             // [control]
  int64_t persist(const gantry_call& call, int64_t stable);  // [worker]
  void truncate(int64_t log_offset);                         // [control]

  // gantry.queue_index
  gantry_status read(const gantry_call* call, gantry_str topic, int32_t queue_id, bool may_block,
                     int64_t from, gantry_index_entry* entries, uint32_t capacity,
                     uint32_t& count);  // [any]
  gantry_status bounds(const gantry_call* call, gantry_str topic, int32_t queue_id,
                       gantry_queue_bounds& out);  // [any]

 private:
  struct Options {
    int64_t recent_units;
    uint64_t memory_bytes_max;
  };
  struct Saved {
    Queue* queue;
    int64_t end;
  };

  void rebuild(const std::string& reason);
  void make_room(const gantry_call& call);
  void index(const gantry_message& message);
  void append(Queue& queue, const gantry_message& message);
  void note(const std::string& text);

  int64_t save(int64_t stable);
  int64_t write_queue(Queue& queue, int64_t limit);
  void mark_open();
  void keep_unsaved(const std::vector<Queue*>& queues);
  void finish(const std::vector<Saved>& saved);
  void shrink();
  void trim_tail(Queue& queue, int64_t keep_from);
  int64_t end_below(Queue& queue, int64_t log_offset);

  const Options options_;
  const std::filesystem::path root_;
  const std::filesystem::path position_path_;
  QueueFiles files_;
  QueueTable queues_;

  std::atomic<int64_t> consumed_{0};     // end of the last record taken; raised by consume
  std::atomic<uint64_t> tail_bytes_{0};  // memory of all tails
  uint64_t notes_ = 0;                   // consume's own
  bool live_ = false;                    // consume's own: set while it can't run

  std::mutex disk_guard_;  // guards all writing of files, position_ and stored_
  Position stored_;        // what the position file says
  bool failed_ = false;    // the last write did not end: files may hold more than stored_ says

  std::mutex unsaved_guard_;
  std::vector<Queue*> unsaved_;  // queues with units that persist hasn't written; listed is set
};

}  // namespace gantry::store_file
