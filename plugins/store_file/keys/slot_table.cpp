#include "slot_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <utility>

namespace gantry::store_file {

// An address range costs nothing. Huge pages would: a page that changes must not bring 511 others.
SlotTable::SlotTable(const KeyFileShape& shape, std::shared_ptr<DiskFile> file)
    : shape_(shape),
      file_(std::move(file)),
      held_(static_cast<size_t>((shape.slots_end() + page_bytes - 1) / page_bytes)) {
  void* memory = ::mmap(nullptr, reserved_bytes(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, reserved_bytes(), MADV_NOHUGEPAGE);
  memory_ = static_cast<uint8_t*>(memory);
}

SlotTable::~SlotTable() {
  ::munmap(memory_, reserved_bytes());
}

size_t SlotTable::reserved_bytes() const {
  return held_.size() * static_cast<size_t>(page_bytes);
}

int64_t SlotTable::first_byte(size_t page) const {
  return std::max(static_cast<int64_t>(page) * page_bytes, key_header_bytes);
}

int64_t SlotTable::last_byte(size_t page) const {
  return std::min(static_cast<int64_t>(page + 1) * page_bytes, shape_.slots_end());
}

int32_t SlotTable::get(int32_t slot) const {
  const int64_t at = shape_.slot_at(slot);
  if (held_[static_cast<size_t>(at / page_bytes)]) return load_big<int32_t>(memory_ + at);
  std::array<uint8_t, key_slot_bytes> bytes;
  file_->read_all(bytes, at);
  return load_big<int32_t>(bytes.data());
}

void SlotTable::set(int32_t slot, int32_t number) {
  const int64_t at = shape_.slot_at(slot);
  hold(static_cast<size_t>(at / page_bytes));
  store_big<uint32_t>(memory_ + at, static_cast<uint32_t>(number));
}

void SlotTable::hold(size_t page) {
  if (held_[page]) return;
  const auto bytes = std::span(memory_ + first_byte(page), memory_ + last_byte(page));
  file_->read_all(bytes, first_byte(page));
  held_[page] = 1;
  ++held_pages_;
}

void SlotTable::load() {
  std::vector<uint8_t> block(64 * page_bytes);
  for (size_t first = 0; first < held_.size(); first += 64) {
    const auto begin = static_cast<int64_t>(first) * page_bytes;
    const int64_t end = std::min(begin + static_cast<int64_t>(block.size()), shape_.slots_end());
    file_->read_all(std::span(block).first(static_cast<size_t>(end - begin)), begin);
    for (size_t page = first; page < std::min(first + 64, held_.size()); ++page) {
      const auto from = static_cast<size_t>(first_byte(page) - begin);
      const auto to = static_cast<size_t>(last_byte(page) - begin);
      const auto bytes = std::span(block).subspan(from, to - from);
      if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; })) continue;
      std::copy(bytes.begin(), bytes.end(), memory_ + first_byte(page));
      held_pages_ += held_[page] == 0;
      held_[page] = 1;
    }
  }
}

// Neighbouring pages go in one write.
void SlotTable::flush() {
  for (size_t i = 0; i < held_.size(); ++i) {
    if (!held_[i]) continue;
    const size_t begin = i;
    while (i + 1 < held_.size() && held_[i + 1]) ++i;
    file_->write({memory_ + first_byte(begin), memory_ + last_byte(i)}, first_byte(begin));
  }
}

void SlotTable::release() {
  if (held_pages_ == 0) return;
  std::fill(held_.begin(), held_.end(), uint8_t{0});
  held_pages_ = 0;
  ::madvise(memory_, reserved_bytes(), MADV_DONTNEED);  // refused, it costs memory only
}

}  // namespace gantry::store_file
