// KeyCheck: compares the key index files of a stopped node with its log. The files are a function
// of the log: their entries, in order, are the keys of its records, in order. Changes nothing.
// Owned by a StoreCheck; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "key_index.hpp"

namespace gantry::store_file {

class KeyCheck {
 public:
  using Finding = std::function<void(const std::string&)>;

  KeyCheck(Disk& disk, KeyIndex::Options options, Finding finding);

  int64_t open();  // the log offset up to which the files are promised to be whole
  void check(const gantry_message& message);  // records in log order
  uint64_t close(int64_t log_begin);          // how many entries were compared

 private:
  // Reads entries through all files, checking how each is linked.
  struct Cursor {
    size_t file = 0;
    int32_t number = 1;  // of the next entry
    int32_t block_at = 0;
    std::vector<KeyEntry> block;
    std::vector<int32_t> slots;  // what they are after the entries so far
    int32_t used_slots = 0;
  };
  struct Place {
    std::string file;
    int32_t number;
    KeyEntry entry;
    int64_t begin_ms;  // of the file
  };

  std::optional<Place> peek();
  void advance();
  void load_block();
  void end_file();
  void check_entry(const Place& place, const gantry_message& message, int32_t hash);

  Disk& disk_;
  const KeyIndex::Options options_;
  const Finding finding_;
  KeyPosition known_;
  std::vector<std::string> names_;
  std::vector<KeyHeader> headers_;
  std::shared_ptr<DiskFile> file_;
  Cursor cursor_;
  std::vector<int32_t> hashes_;
  int64_t log_begin_ = -1;  // the first record checked
  uint64_t compared_ = 0;
};

}  // namespace gantry::store_file
