#include "tail.hpp"

#include <algorithm>

namespace gantry::store_file {

template <class Unit>
uint64_t Tail<Unit>::bytes() const {
  if (chunks_.empty()) return 0;
  return (first_capacity_ + (chunks_.size() - 1) * uint64_t{chunk_units}) * sizeof(Unit);
}

template <class Unit>
void Tail<Unit>::restart(int64_t number) {
  std::vector<Chunk>().swap(chunks_);
  first_capacity_ = 0;
  size_ = 0;
  begin_ = number;
}

template <class Unit>
void Tail<Unit>::append(const Unit& unit) {
  const auto index = static_cast<uint64_t>(size_);
  if (chunks_.size() <= 1 ? index == first_capacity_ : index == chunks_.size() * chunk_units) {
    grow();
  }
  chunks_[index / chunk_units][index % chunk_units] = unit;
  ++size_;
}

template <class Unit>
void Tail<Unit>::grow() {
  if (first_capacity_ == chunk_units) {
    chunks_.push_back(std::make_unique_for_overwrite<Unit[]>(chunk_units));
    return;
  }
  const uint32_t capacity = std::max(chunk_units_min, first_capacity_ * 2);
  auto larger = std::make_unique_for_overwrite<Unit[]>(capacity);
  if (chunks_.empty()) {
    chunks_.push_back(std::move(larger));
  } else {
    std::copy_n(chunks_[0].get(), size_, larger.get());
    chunks_[0] = std::move(larger);
  }
  first_capacity_ = capacity;
}

template <class Unit>
void Tail<Unit>::drop_below(int64_t number) {
  if (number >= end()) {
    restart(std::max(number, begin_));
    return;
  }
  const int64_t chunks = std::max<int64_t>(number - begin_, 0) / chunk_units;
  chunks_.erase(chunks_.begin(), chunks_.begin() + chunks);
  begin_ += chunks * chunk_units;
  size_ -= chunks * chunk_units;
}

template <class Unit>
void Tail<Unit>::cut(int64_t number) {
  if (number >= end()) return;
  if (number <= begin_) {
    restart(number);
    return;
  }
  size_ = number - begin_;
  chunks_.resize(static_cast<uint64_t>((size_ + chunk_units - 1) / chunk_units));
}

template class Tail<gantry_index_entry>;
template class Tail<BatchUnit>;

}  // namespace gantry::store_file
