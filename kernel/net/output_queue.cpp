#include "net/output_queue.hpp"

#include <utility>

namespace gantry::net {
namespace {

constexpr uint64_t copied_slice_bytes_max = 1024;
constexpr uint64_t compact_bytes_min = 64 * 1024;
constexpr uint64_t compact_pieces_min = 256;

}  // namespace

void OutputQueue::append_copy(Bytes bytes) {
  if (bytes.empty()) return;
  arena_.insert(arena_.end(), bytes.begin(), bytes.end());
  bytes_ += bytes.size();
  if (pieces_.size() > first_ && !pieces_.back().data) {
    pieces_.back().size += bytes.size();
  } else {
    pieces_.push_back({nullptr, bytes.size(), {}});
  }
}

void OutputQueue::append(Slice&& slice) {
  Slice taken = std::move(slice);
  if (taken.bytes.size() <= copied_slice_bytes_max) return append_copy(taken.bytes);
  bytes_ += taken.bytes.size();
  pieces_.push_back({taken.bytes.data(), taken.bytes.size(), std::move(taken.owner)});
}

int OutputQueue::gather(std::span<iovec> out) const {
  size_t count = 0;
  uint64_t arena_at = arena_read_;
  for (uint64_t i = first_; i < pieces_.size() && count < out.size(); ++i, ++count) {
    const Piece& piece = pieces_[i];
    const uint8_t* data = piece.data ? piece.data : arena_.data() + arena_at;
    if (!piece.data) arena_at += piece.size;
    out[count] = {const_cast<uint8_t*>(data), piece.size};
  }
  return static_cast<int>(count);
}

void OutputQueue::consume(uint64_t bytes) {
  bytes_ -= bytes;
  while (bytes > 0) {
    Piece& piece = pieces_[first_];
    const uint64_t step = bytes < piece.size ? bytes : piece.size;
    if (piece.data) {
      piece.data += step;
    } else {
      arena_read_ += step;
    }
    piece.size -= step;
    bytes -= step;
    if (piece.size == 0) {
      piece.owner = {};
      ++first_;
    }
  }
  if (bytes_ == 0) {
    clear();
  } else {
    compact();
  }
}

// Drops what was written once it is the larger part, so a queue that never empties doesn't grow.
void OutputQueue::compact() {
  if (arena_read_ >= compact_bytes_min && arena_read_ * 2 >= arena_.size()) {
    arena_.erase(arena_.begin(), arena_.begin() + static_cast<ptrdiff_t>(arena_read_));
    arena_read_ = 0;
  }
  if (first_ >= compact_pieces_min && first_ * 2 >= pieces_.size()) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutputQueue::clear() {
  arena_.clear();
  pieces_.clear();
  arena_read_ = first_ = bytes_ = 0;
}

}  // namespace gantry::net
