// BoundsTable: where every queue begins and ends, as of a place in the log, in one file: a whole
// table and behind it what changed since, one entry a persist. So a start knows all queues without
// looking into their files, and persist is done when its entry is synced. Each entry's checksum
// goes on from the one before it: what a crash tore off, and what lies behind it, doesn't count.
//
// Owned by StoreFile and used under its disk lock; ends with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disk.hpp"

namespace gantry::store_file {

// A queue's line. Ordinary queues: units are numbered by queue offset, so [first, end) is [min,
// max).
struct StoredQueue {
  std::string_view topic;
  int32_t id = 0;
  bool batch = false;
  int64_t min = 0;
  int64_t max = 0;  // 0: the queue is forgotten
  int64_t min_log = 0;
  int64_t first = 0;
  int64_t end = 0;
};

// What an entry says beside its queues.
struct TableHead {
  int64_t log_offset = 0;  // every record below it is in the files
  int64_t file_bytes = 0;  // sizes of the queue files
  int64_t batch_file_bytes = 0;
  bool cutting = false;  // the files may hold units of records that were cut: they must be erased

  bool operator==(const TableHead&) const = default;
};

class BoundsTable {
 public:
  // The lines of one entry.
  class Lines {
   public:
    void add(const StoredQueue& queue);

   private:
    friend class BoundsTable;
    std::vector<uint8_t> bytes_;
    uint32_t count_ = 0;
  };
  using Each = std::function<void(const StoredQueue&)>;

  BoundsTable(Disk& disk, std::filesystem::path path) : disk_(disk), path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  // The newest head, after each() had every line, older ones first. Nothing when there is no file
  // or no table in it; each() had none then.
  std::optional<TableHead> load(const Each& each) const;

  // Can the next entry be a change? Not before the first whole table, nor after a failure, nor when
  // the changes have outgrown the table.
  bool appendable() const;
  void replace(const TableHead& head, const Lines& all);
  void append(const TableHead& head, const Lines& changed);

 private:
  Disk& disk_;
  const std::filesystem::path path_;
  std::shared_ptr<DiskFile> file_;  // null: the next entry is a whole table
  int64_t table_bytes_ = 0;
  int64_t end_ = 0;     // of the file
  uint32_t check_ = 0;  // of the last entry
};

}  // namespace gantry::store_file
