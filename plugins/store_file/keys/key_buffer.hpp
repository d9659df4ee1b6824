// KeyBuffer: keys of records that are consumed and not yet in a file, oldest first. Owned by
// KeyIndex. One thread pushes, one at a time drops from the head, any looks at snapshots; pushing
// takes the lock once per chunk only. Chunks live as long as a snapshot that has them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "entry.hpp"

namespace gantry::store_file {

class KeyBuffer {
 public:
  // All of one record's keys or, if it throws for want of memory, none.
  void push(const KeyRecord& record, std::span<const int32_t> hashes);

  // Up to `most` keys from the head, of records that end at or below `limit`.
  std::vector<KeyRecord> front(size_t most, int64_t limit) const;
  void drop(size_t count);  // from the head
  // Forgets records at or behind log_offset. While nothing is pushed.
  void cut(int64_t log_offset);

  // Calls visit(const KeyRecord&) for every key, oldest first, without holding the lock.
  template <class Visit>
  void each(Visit&& visit) const {
    auto [chunks, skip] = snapshot();
    for (const auto& chunk : chunks) {
      const size_t size = chunk->size.load(std::memory_order_acquire);
      for (size_t i = skip; i < size; ++i) visit(chunk->records[i]);
      skip = 0;
    }
  }

  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t chunk_records = 4096;
  struct Chunk {
    std::array<KeyRecord, chunk_records> records;
    std::atomic<size_t> size{0};  // records below it never change
  };
  struct Snapshot {
    std::vector<std::shared_ptr<const Chunk>> chunks;
    size_t skip;
  };

  Snapshot snapshot() const;

  mutable std::mutex guard_;                   // guards chunks_ and head_
  std::deque<std::shared_ptr<Chunk>> chunks_;  // all full but the last ones
  size_t head_ = 0;                            // dropped from the first chunk
  std::atomic<uint64_t> bytes_{0};
  std::shared_ptr<Chunk> last_;  // the pusher's
};

}  // namespace gantry::store_file
