// QueueFiles: the queues' files, consumequeue/<topic>/<queue id>/<20 digits>, each file_bytes long
// and named after the byte of the queue's stream it begins at. Owned by StoreFile. read(): any
// thread that may block. All else: one thread at a time (StoreFile's disk lock). Ends with its
// owner.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "file.hpp"
#include "queue_table.hpp"

namespace gantry::store_file {

// 20 digits, as RocketMQ names its files.
std::string file_name(int64_t start);

class QueueFiles {
 public:
  struct Options {
    std::filesystem::path folder;  // .../consumequeue
    int64_t file_bytes = 6'000'000;
    size_t open_files_max = 1024;
  };
  explicit QueueFiles(Options options) : options_(std::move(options)) {}

  int64_t file_bytes() const { return options_.file_bytes; }
  const std::filesystem::path& folder() const { return options_.folder; }
  std::filesystem::path folder_of(const Queue& queue) const;

  // Writes encoded units from a queue offset on. Makes files; fills the space before the first unit
  // of a new one with blank units. Durable after the next sync().
  void write(const Queue& queue, int64_t from, std::span<const uint8_t> units);
  void sync();
  // Units from a queue offset on, across files; fewer than asked where they end.
  size_t read(const Queue& queue, int64_t from, std::span<gantry_index_entry> out);
  // Removes units [from, end) for good: they read as zeros, files behind are deleted. Synced.
  void erase(const Queue& queue, int64_t from, int64_t end);
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
  using Opened = std::list<std::pair<Key, std::shared_ptr<File>>>;

  std::filesystem::path path_of(const Queue& queue, int64_t start) const;
  std::shared_ptr<File> open(const Queue& queue, int64_t start);  // null: there is none
  std::shared_ptr<File> make(const Queue& queue, int64_t start, int64_t first_byte);
  void remember(const Key& key, const std::shared_ptr<File>& file);
  void forget(const Key& key);
  void note_new_names(std::filesystem::path folder);
  void touched(const std::shared_ptr<File>& file);

  const Options options_;

  std::mutex open_guard_;  // guards opened_ and by_key_; never held during a disk call
  Opened opened_;          // newest first, at most open_files_max
  std::unordered_map<Key, Opened::iterator, KeyHash> by_key_;

  // What the next sync() makes durable.
  std::set<std::shared_ptr<File>> unsynced_;
  std::set<std::filesystem::path> new_names_in_;
  bool many_unsynced_ = false;
};

}  // namespace gantry::store_file
