// SlotTable: the slots of one index file. Memory holds the pages that have changed since they were
// written last; all others are read where they are, in the file. Memory is the system's, page by
// page, so what is let go is nobody's at once. Owned by a KeyFile, which guards it: get() beside
// get(), flush() beside get(), all else alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "entry.hpp"
#include "store_file/disk.hpp"

namespace gantry::store_file {

class SlotTable {
 public:
  // The file has the shape's size.
  SlotTable(const KeyFileShape& shape, std::shared_ptr<DiskFile> file);
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  int32_t get(int32_t slot) const;
  void set(int32_t slot, int32_t number);  // throws before anything changes

  // Holds every page that isn't empty, as the file has it now: most of a young file is a hole.
  void load();
  // Writes the pages held; not synced.
  void flush();
  // Lets go of all pages: the file has them, synced or as they were before.
  void release();
  int64_t held_bytes() const { return held_pages_ * page_bytes; }

  // Calls visit(slot, number) for every slot in use of the pages held: after load(), of all.
  template <class Visit>
  void each_held(Visit&& visit) const {
    for (size_t i = 0; i < held_.size(); ++i) {
      if (!held_[i]) continue;
      for (int64_t at = first_byte(i); at < last_byte(i); at += key_slot_bytes) {
        const auto slot = static_cast<int32_t>((at - key_header_bytes) / key_slot_bytes);
        if (const auto number = load_big<int32_t>(memory_ + at); number != 0) visit(slot, number);
      }
    }
  }

 private:
  static constexpr int64_t page_bytes = 4096;

  // Of a page: which bytes of the file it stands for. The header before them isn't this table's.
  int64_t first_byte(size_t page) const;
  int64_t last_byte(size_t page) const;
  void hold(size_t page);
  size_t reserved_bytes() const;

  const KeyFileShape shape_;
  const std::shared_ptr<DiskFile> file_;
  std::vector<uint8_t> held_;  // by page: memory has it
  int64_t held_pages_ = 0;
  uint8_t* memory_ = nullptr;  // reserved for all pages, at their places in the file
};

}  // namespace gantry::store_file
