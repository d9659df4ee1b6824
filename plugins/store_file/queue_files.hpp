// QueueFiles: the queues' files, <kind's folder>/<topic>/<queue id>/<20 digits>, each of its kind's
// size and named after the byte of the queue's stream it begins at. They are written through
// descriptors and read through maps, both kept for a while after use. Owned by StoreFile. read():
// any thread. All else: one thread at a time (StoreFile's disk lock). Ends with its owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "disk.hpp"
#include "lru.hpp"
#include "queue_table.hpp"
#include "unsynced.hpp"

namespace gantry::store_file {

// 20 digits, as RocketMQ names its files.
std::string file_name(int64_t start);

// Where the queue files in a folder begin, in order; other names are left alone, as RocketMQ does.
std::vector<int64_t> file_starts(const Disk& disk, const std::filesystem::path& folder);

// What the two kinds of queues differ in.
struct QueueShape {
  std::filesystem::path folder;
  int64_t unit_bytes;
  int64_t file_bytes;  // whole units

  int64_t file_units() const { return file_bytes / unit_bytes; }
  std::filesystem::path folder_of(const Queue& queue) const;
  // Where the file with this byte of the stream begins.
  int64_t start_of(int64_t byte) const { return byte - byte % file_bytes; }
};

class QueueFiles {
 public:
  struct Options {
    std::filesystem::path root;  // the store root
    int64_t file_bytes = 6'000'000;
    int64_t batch_file_bytes = 13'800'000;
    size_t open_files_max = 1024;
    size_t maps_max = 4096;
  };
  QueueFiles(Disk& disk, const Options& options);

  const QueueShape& plain() const { return plain_; }
  const QueueShape& batch() const { return batch_; }
  const QueueShape& shape_of(const Queue& queue) const { return queue.batch ? batch_ : plain_; }
  std::filesystem::path folder_of(const Queue& queue) const;

  // Writes encoded units from a unit number on. A file that begins there is made anew, whatever
  // lies in its place; with `first`, so is the one they lie in: the queue has no other. Durable
  // after the next sync().
  void write(const Queue& queue, int64_t from, std::span<const uint8_t> units, bool first);
  void sync();
  // After write or sync failed: nothing written since the last sync that worked counts any more.
  void abandon() noexcept;

  enum class Wait { no, yes };
  // Whole units from a number on, across files; fewer where they end, or, without waiting, where
  // they are not in memory. Returns how many.
  size_t read(const Queue& queue, int64_t from, std::span<uint8_t> out, Wait wait);
  // Units of a kind's files from a number on read as zeros, files with no other unit are removed.
  // Synced.
  void erase(const Queue& queue, const QueueShape& shape, int64_t from);
  // Removes files that hold no unit at or above `unit`, but for the one with `last`.
  void remove_below(const Queue& queue, int64_t unit, int64_t last);
  // Forgets open files, before their names are removed.
  void close_all();

 private:
  struct Key {
    const Queue* queue;
    int64_t start;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<const void*>{}(key.queue) * 31 + static_cast<size_t>(key.start);
    }
  };

  std::shared_ptr<DiskFile> open(const Queue& queue, int64_t start);  // null: there is none
  std::shared_ptr<const Mapping> map(const Queue& queue, int64_t start, Wait wait);
  std::shared_ptr<DiskFile> make(const Queue& queue, int64_t start, int64_t first_byte);
  void make_folders(const std::filesystem::path& folder);
  void remove(const Queue& queue, const QueueShape& shape, int64_t start);
  void watch(const QueueShape& shape);
  UnsyncedFiles& unsynced(const QueueShape& shape) {
    return &shape == &batch_ ? unsynced_batch_ : unsynced_plain_;
  }

  Disk& disk_;
  const std::filesystem::path root_;
  const QueueShape plain_;
  const QueueShape batch_;
  Lru<Key, KeyHash, DiskFile> open_;
  Lru<Key, KeyHash, const Mapping> maps_;

  // What the next sync() makes durable, or abandon() takes back.
  UnsyncedFiles unsynced_plain_;
  UnsyncedFiles unsynced_batch_;
  std::vector<std::filesystem::path> made_;  // files and folders, in the order of their making
};

}  // namespace gantry::store_file
