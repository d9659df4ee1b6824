// KeyIndex: from a key to places in the log, in RocketMQ's index files. Owned by StoreFile, which
// feeds it records and asks it to save. New keys wait in memory; save writes them behind the newest
// file's entries. Of that file memory holds the slots that have changed; they follow in larger steps,
// since a crash leaves entries they can be told from. README.md has the order of writes.
//
// add and truncate: one at a time. save, trimmed: workers, beside add. find: any thread that may
// block, beside everything. Locks, in this order: save_guard_, files_guard_, the buffer's.
#pragma once

#include <gantry/cap/key_index.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "key_buffer.hpp"
#include "key_file.hpp"
#include "key_position.hpp"

namespace gantry::store_file {

class KeyIndex {
 public:
  struct Options {
    std::filesystem::path folder;         // .../index
    std::filesystem::path position_path;  // what is in the files, beside the queues' position
    KeyFileShape shape;
    int32_t relink_max = 1'000'000;       // entries whose slots a start may have to make again
    int64_t relink_ms_max = 60'000;       // how long memory holds slots that are not written
    std::function<int64_t()> now_ms;      // wall clock, for that and for the names of files
    std::function<void(const std::string&)> note;  // a line for people
  };
  KeyIndex(Disk& disk, Options options);

  // Finds the files as the position tells of them; if they are not, removes them: position() is
  // then 0.
  void open();               // [control]
  void close();              // [control] leaves files that need no repair
  int64_t position() const;  // [control] where the log's replay must begin, or earlier

  void add(const gantry_message& message);  // [log] in log order; known ones are skipped
  int64_t save(int64_t stable);             // [worker] what position() would now be
  int64_t full_until_ms();                  // [worker] last store time in a full file; 0: none
  void truncate(int64_t log_offset);        // [log] while no other call runs
  void trimmed(int64_t log_begin);          // [worker] drops files that have nothing above it
  void find(const gantry_key_query& query, gantry_key_hits& hits);  // [worker]

  int64_t slot_bytes();  // [worker] memory of slots that are not written
  // Memory of keys that wait for save.
  uint64_t buffered_bytes() const { return buffer_.bytes(); }  // [any]

 private:
  struct Sealed {
    std::string name;
    KeyHeader header;
  };

  // What follows returns why the files can't be what the position tells, if so.
  std::optional<std::string> load(const KeyPosition& known);
  std::optional<std::string> load_newest(const KeyPosition& known);
  std::optional<std::string> cut(int64_t log_offset);
  std::optional<KeyHeader> header_below(const Sealed& sealed, int64_t log_offset) const;
  void rebuild(const std::string& reason);
  std::vector<std::string> names() const;
  std::vector<std::string> drop_unknown(const KeyPosition& known);

  void mark_open();
  void roll();
  void write(std::span<const KeyRecord> records);
  void sync();
  void link();
  void link_old();
  KeyPosition here(int64_t log_offset) const;
  bool find_newest(KeySearch& search, gantry_key_hits& hits, std::vector<Sealed>& older);

  Disk& disk_;
  const Options options_;
  KeyBuffer buffer_;
  std::atomic<int64_t> consumed_{0};  // end of the last record added
  std::vector<int32_t> hashes_;       // add's own

  std::mutex save_guard_;  // guards all writing of files, and stored_
  KeyPosition stored_;
  int64_t unlinked_since_ms_ = 0;  // when the oldest of the newest file's unlinked entries came
  std::string broken_;  // why nothing is saved any more; empty: it is

  std::shared_mutex files_guard_;   // guards what find looks at
  std::vector<Sealed> sealed_;      // full files, oldest first
  std::unique_ptr<KeyFile> newest_;  // null: there is no file
};

}  // namespace gantry::store_file
