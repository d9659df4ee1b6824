#include "tail.hpp"

#include <algorithm>

namespace gantry::store_file {

uint64_t Tail::bytes() const {
  if (chunks_.empty()) return 0;
  return (first_capacity_ + (chunks_.size() - 1) * uint64_t{chunk_units}) *
         sizeof(gantry_index_entry);
}

uint32_t Tail::copy(int64_t offset, gantry_index_entry* out, uint32_t capacity) const {
  const int64_t count = std::min<int64_t>(end() - offset, capacity);
  for (int64_t done = 0; done < count;) {
    const auto index = static_cast<uint64_t>(offset + done - begin_);
    const auto in_chunk = static_cast<int64_t>(chunk_units - index % chunk_units);
    const int64_t run = std::min(count - done, in_chunk);
    std::copy_n(&chunks_[index / chunk_units][index % chunk_units], run, out + done);
    done += run;
  }
  return static_cast<uint32_t>(std::max<int64_t>(count, 0));
}

void Tail::restart(int64_t offset) {
  std::vector<Chunk>().swap(chunks_);
  first_capacity_ = 0;
  size_ = 0;
  begin_ = offset;
}

void Tail::append(const gantry_index_entry& unit) {
  const auto index = static_cast<uint64_t>(size_);
  if (chunks_.size() <= 1 ? index == first_capacity_ : index == chunks_.size() * chunk_units) {
    grow();
  }
  chunks_[index / chunk_units][index % chunk_units] = unit;
  ++size_;
}

void Tail::grow() {
  if (first_capacity_ == chunk_units) {
    chunks_.push_back(std::make_unique_for_overwrite<gantry_index_entry[]>(chunk_units));
    return;
  }
  const uint32_t capacity = std::max(chunk_units_min, first_capacity_ * 2);
  auto larger = std::make_unique_for_overwrite<gantry_index_entry[]>(capacity);
  if (chunks_.empty()) {
    chunks_.push_back(std::move(larger));
  } else {
    std::copy_n(chunks_[0].get(), size_, larger.get());
    chunks_[0] = std::move(larger);
  }
  first_capacity_ = capacity;
}

void Tail::drop_below(int64_t offset) {
  if (offset >= end()) {
    restart(std::max(offset, begin_));
    return;
  }
  const int64_t chunks = std::max<int64_t>(offset - begin_, 0) / chunk_units;
  chunks_.erase(chunks_.begin(), chunks_.begin() + chunks);
  begin_ += chunks * chunk_units;
  size_ -= chunks * chunk_units;
}

void Tail::cut(int64_t offset) {
  if (offset >= end()) return;
  if (offset <= begin_) {
    restart(offset);
    return;
  }
  size_ = offset - begin_;
  chunks_.resize(static_cast<uint64_t>((size_ + chunk_units - 1) / chunk_units));
}

}  // namespace gantry::store_file
