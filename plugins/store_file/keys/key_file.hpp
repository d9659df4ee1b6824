// KeyFile: one index file. Entries are written as they come; slots that change are kept in memory and
// written by link(). Owned by KeyIndex, which guards it: search() beside search(), sync() and link(),
// all else alone.
//
// The rule that makes a crash harmless: a slot is written only after the entries it can lead to are
// synced. So slots may be older or newer than the header tells, and open() puts them right from the
// entries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "entry.hpp"
#include "key_search.hpp"
#include "slot_table.hpp"
#include "store_file/disk.hpp"

namespace gantry::store_file {

class KeyFile {
 public:
  // An empty file, whose name is durable. `begin`: what the file before it ends with.
  static std::unique_ptr<KeyFile> make(Disk& disk, const std::filesystem::path& path,
                                       const KeyFileShape& shape, const KeyHeader& begin);

  // The file as of `header`, which was true when the file was synced last; entries behind it don't
  // count. Its slots are right in memory afterwards. closed: it was linked then, and nothing was
  // written since; otherwise what is read may be in the system's memory and not on the device.
  // Throws Refusal(GONE) where the file can't be that one.
  static std::unique_ptr<KeyFile> open(Disk& disk, const std::filesystem::path& path,
                                       const KeyFileShape& shape, const KeyHeader& header,
                                       bool closed);

  std::string name() const { return path_.filename().string(); }
  const KeyHeader& header() const { return header_; }
  int32_t room() const { return shape_.entries - header_.count; }

  // At most room() records; all or, if it throws, none.
  void append(std::span<const KeyRecord> records);
  void sync();  // what was appended

  int32_t unlinked() const { return header_.count - linked_; }
  // Writes slots, then the header, and syncs them. Everything appended is synced.
  void link();
  // Behind link(): memory holds no slot any more.
  void release();
  int64_t held_bytes() const { return slots_.held_bytes(); }

  void search(KeySearch& search) const;

 private:
  KeyFile(std::filesystem::path path, std::shared_ptr<DiskFile> file, const KeyFileShape& shape,
          const KeyHeader& header);
  bool relink(int32_t told);
  [[noreturn]] void damaged(const std::string& what) const;

  const std::filesystem::path path_;
  const std::shared_ptr<DiskFile> file_;
  const KeyFileShape shape_;
  KeyHeader header_;
  int32_t linked_ = 1;  // the file's slots and header are those of entries below it
  SlotTable slots_;
};

// The header a file tells; nothing when the file is missing or not of this shape.
std::optional<KeyHeader> read_key_header(const DiskFile* file, const KeyFileShape& shape);

// A search in a full file, which nobody changes: reads a slot and what it leads to.
void search_sealed(const DiskFile& file, const KeyFileShape& shape, const KeyHeader& header,
                   KeySearch& search);

// Calls visit(number, entry) for entries [from, to) in order.
template <class Visit>
void each_entry(const DiskFile& file, const KeyFileShape& shape, int32_t from, int32_t to,
                Visit&& visit) {
  std::vector<uint8_t> block(static_cast<size_t>(key_entry_bytes) * 4096);
  while (from < to) {
    const int32_t count = std::min(to - from, 4096);
    const auto bytes = std::span(block).first(static_cast<size_t>(count * key_entry_bytes));
    file.read_all(bytes, shape.entry_at(from));
    for (int32_t i = 0; i < count; ++i) {
      visit(from + i, decode_entry(&bytes[static_cast<size_t>(i * key_entry_bytes)]));
    }
    from += count;
  }
}

}  // namespace gantry::store_file
