#include "slot_table.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace gantry::store_file {

SlotTable::SlotTable(const KeyFileShape& shape)
    : shape_(shape),
      pages_(static_cast<size_t>((shape.slots_end() + page_bytes - 1) / page_bytes)) {}

int64_t SlotTable::first_byte(size_t page) const {
  return std::max(static_cast<int64_t>(page) * page_bytes, key_header_bytes);
}

int64_t SlotTable::last_byte(size_t page) const {
  return std::min(static_cast<int64_t>(page + 1) * page_bytes, shape_.slots_end());
}

SlotTable::Page& SlotTable::make(size_t page) {
  if (!pages_[page]) pages_[page] = std::make_unique<Page>();
  return *pages_[page];
}

int32_t SlotTable::get(int32_t slot) const {
  const int64_t at = shape_.slot_at(slot);
  const auto& page = pages_[static_cast<size_t>(at / page_bytes)];
  return page ? load_big<int32_t>(&page->bytes[static_cast<size_t>(at % page_bytes)]) : 0;
}

void SlotTable::set(int32_t slot, int32_t number) {
  const int64_t at = shape_.slot_at(slot);
  Page& page = make(static_cast<size_t>(at / page_bytes));
  store_big<uint32_t>(&page.bytes[static_cast<size_t>(at % page_bytes)],
                      static_cast<uint32_t>(number));
  page.dirty = true;
}

// Empty pages stay unmade: most of a young file is a hole.
void SlotTable::load(const DiskFile& file) {
  std::vector<uint8_t> block(64 * page_bytes);
  for (size_t first = 0; first < pages_.size(); first += 64) {
    const auto at = static_cast<int64_t>(first) * page_bytes;
    const size_t got = file.read(block, at);
    for (size_t i = 0; i < 64 && i * page_bytes < got && first + i < pages_.size(); ++i) {
      const auto bytes = std::span(block).subspan(i * page_bytes, page_bytes);
      if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; })) continue;
      std::copy(bytes.begin(), bytes.end(), make(first + i).bytes.begin());
    }
    std::fill(block.begin(), block.end(), uint8_t{0});
  }
}

// Neighbouring pages go in one write.
void SlotTable::flush(DiskFile& file) {
  if (std::exchange(distrusted_, false)) {
    for (const auto& page : pages_) {
      if (page) page->dirty = true;
    }
  }
  std::vector<uint8_t> run;
  for (size_t i = 0; i < pages_.size();) {
    size_t end = i;
    run.clear();
    for (; end < pages_.size() && end - i < 64 && pages_[end] && pages_[end]->dirty; ++end) {
      const auto* page = pages_[end]->bytes.data();
      const auto base = static_cast<int64_t>(end) * page_bytes;
      run.insert(run.end(), page + (first_byte(end) - base), page + (last_byte(end) - base));
    }
    if (end == i) {
      ++i;
      continue;
    }
    file.write(run, first_byte(i));
    for (; i < end; ++i) pages_[i]->dirty = false;
  }
}

}  // namespace gantry::store_file
