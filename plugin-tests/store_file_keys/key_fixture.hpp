// Keys: a KeyIndex on a disk that lies, fed record by record, and beside it what RocketMQ's rules
// make of the same records, written down plainly. One test, one fixture.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cpp/values.hpp"
#include "store_file/keys/key_index.hpp"
#include "store_file/keys/key_text.hpp"
#include "support/lying_store_disk.hpp"
#include "support/lying_disk.hpp"

namespace gantry::testing {

using namespace store_file;

struct KeyedRecord {
  std::string topic = "T";
  std::string properties;
  int64_t log_offset = 0;
  int64_t stored_ms = 0;
  uint32_t size = 100;
  int32_t sys_flag = 0;

  int64_t end() const { return log_offset + size; }
  gantry_message view() const {
    gantry_message out{};
    out.struct_size = sizeof out;
    out.topic = sdk::str(topic);
    out.property_text = sdk::str(properties);
    out.log_offset = log_offset;
    out.stored_ms = stored_ms;
    out.record_size = size;
    out.sys_flag = sys_flag;
    return out;
  }
};

inline std::string property(const std::string& name, const std::string& value) {
  return name + '\x01' + value + '\x02';
}

// The same index as lists: no slots, no chains, no files.
class PlainIndex {
 public:
  explicit PlainIndex(int32_t entries) : entries_(entries) {}

  void add(const KeyedRecord& record) {
    std::vector<int32_t> hashes;
    hash_keys(record.view(), hashes);
    for (const int32_t hash : hashes) {
      int64_t begin_ms = files_.empty() ? 0 : files_.back().begin_ms;
      if (files_.empty() || static_cast<int32_t>(files_.back().keys.size()) == entries_ - 1) {
        begin_ms = files_.empty() ? 0 : files_.back().end_ms;
        files_.push_back({record.stored_ms, 0, {}});
      }
      File& file = files_.back();
      file.end_ms = record.stored_ms;
      const int64_t seconds = begin_ms <= 0 ? 0 : (record.stored_ms - begin_ms) / 1000;
      file.keys.push_back({hash, record.log_offset, file.begin_ms + seconds * 1000});
    }
  }

  std::vector<int64_t> find(int32_t hash, int64_t begin_ms, int64_t end_ms) const {
    std::vector<int64_t> out;
    for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
      if (begin_ms <= file->end_ms && end_ms >= file->begin_ms) {
        for (auto key = file->keys.rbegin(); key != file->keys.rend(); ++key) {
          const bool inside = key->ms >= begin_ms && key->ms <= end_ms;
          if (key->hash == hash && inside) out.push_back(key->log_offset);
        }
      }
      if (file->begin_ms < begin_ms) break;
    }
    return out;
  }

 private:
  struct Key {
    int32_t hash;
    int64_t log_offset;
    int64_t ms;
  };
  struct File {
    int64_t begin_ms;
    int64_t end_ms;
    std::vector<Key> keys;
  };

  const int32_t entries_;
  std::vector<File> files_;
};

struct Hits {
  std::vector<int64_t> log_offsets;
  bool more = false;
  int64_t newest_ms = 0;
  int64_t newest = 0;
};

struct Keys {
  static constexpr int64_t ever = std::numeric_limits<int64_t>::max();

  explicit Keys(uint64_t seed = 1, KeyFileShape shape = {.slots = 100, .entries = 400})
      : disk(seed), store_disk(disk) {
    REQUIRE((disk.make_folders("/store") == 0 && disk.sync_folder("/") == 0));
    options.folder = "/store/index";
    options.position_path = "/store/gantry/store_file/keys";
    options.shape = shape;
    options.now_ms = [this] { return clock_ms; };
    options.note = [this](const std::string& text) { notes.push_back(text); };
  }

  void open() {
    index = std::make_unique<KeyIndex>(store_disk, options);
    index->open();
  }
  void reopen() {
    index->close();
    open();
  }
  void add(const KeyedRecord& record) { index->add(record.view()); }

  Hits find(const std::string& key, int64_t begin_ms = 0, int64_t end_ms = ever,
            uint32_t most = 1000, uint32_t kind = GANTRY_KEY_KEY, const std::string& topic = "T") {
    Hits out;
    out.log_offsets.resize(most);
    const gantry_key_query query{sizeof query, kind,     sdk::str(topic),
                                 sdk::str(key), begin_ms, end_ms};
    gantry_key_hits hits{};
    hits.struct_size = sizeof hits;
    hits.capacity = most;
    hits.log_offsets = out.log_offsets.data();
    index->find(query, hits);
    out.log_offsets.resize(hits.count);
    out.more = hits.more != 0;
    out.newest_ms = hits.newest_ms;
    out.newest = hits.newest_log_offset;
    return out;
  }

  std::vector<std::string> files() {
    std::vector<LyingDisk::Entry> entries;
    disk.list("/store/index", entries);
    std::vector<std::string> out;
    for (const auto& entry : entries) out.push_back(entry.name);
    return out;
  }
  std::string bytes(const std::string& name) {
    LyingDisk::NodeRef file;
    REQUIRE(disk.open("/store/index/" + name, false, file) == 0);
    std::string out(disk.size(file), '\0');
    size_t got = 0;
    disk.read(file, 0, {reinterpret_cast<uint8_t*>(out.data()), out.size()}, got);
    out.resize(got);
    return out;
  }
  void overwrite(const std::string& name, uint64_t at, const std::string& text) {
    LyingDisk::NodeRef file;
    REQUIRE(disk.open("/store/index/" + name, false, file) == 0);
    size_t put = 0;
    disk.write(file, at, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, put);
  }

  LyingDisk disk;
  LyingStoreDisk store_disk;
  KeyIndex::Options options;
  int64_t clock_ms = 1'700'000'000'000;
  std::vector<std::string> notes;
  std::unique_ptr<KeyIndex> index;
};

}  // namespace gantry::testing
