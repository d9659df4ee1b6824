// SlotTable: the slots of one index file in memory, in the file's pages and bytes, and which pages
// the file doesn't have yet. Pages are made on first use. Owned by a KeyFile, which guards it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "entry.hpp"
#include "store_file/disk.hpp"

namespace gantry::store_file {

class SlotTable {
 public:
  explicit SlotTable(const KeyFileShape& shape);

  int32_t get(int32_t slot) const;
  void set(int32_t slot, int32_t number);

  void load(const DiskFile& file);
  void distrust() { distrusted_ = true; }  // the next flush writes all there is
  // Writes what was set since the last time; not synced.
  void flush(DiskFile& file);

  // Calls visit(slot, number) for every slot in use.
  template <class Visit>
  void each(Visit&& visit) const {
    for (size_t i = 0; i < pages_.size(); ++i) {
      if (!pages_[i]) continue;
      for (int64_t at = first_byte(i); at < last_byte(i); at += key_slot_bytes) {
        const auto slot = static_cast<int32_t>((at - key_header_bytes) / key_slot_bytes);
        if (const int32_t number = get(slot); number != 0) visit(slot, number);
      }
    }
  }

 private:
  static constexpr int64_t page_bytes = 4096;
  struct Page {
    std::array<uint8_t, page_bytes> bytes{};
    bool dirty = false;
  };

  // Of a page: which bytes of the file it stands for. The header before them isn't this table's.
  int64_t first_byte(size_t page) const;
  int64_t last_byte(size_t page) const;
  Page& make(size_t page);

  const KeyFileShape shape_;
  bool distrusted_ = false;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace gantry::store_file
