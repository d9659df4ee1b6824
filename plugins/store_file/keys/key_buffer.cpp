#include "key_buffer.hpp"

#include <algorithm>

namespace gantry::store_file {

void KeyBuffer::push(const KeyRecord& record, std::span<const int32_t> hashes) {
  if (hashes.empty()) return;
  // Chunks first: from there on nothing throws.
  const size_t room = last_ ? chunk_records - last_->size.load(std::memory_order_relaxed) : 0;
  std::vector<std::shared_ptr<Chunk>> fresh;
  for (size_t have = room; have < hashes.size(); have += chunk_records) {
    fresh.push_back(std::make_shared<Chunk>());
  }
  if (!fresh.empty()) {
    const std::lock_guard lock(guard_);
    const size_t before = chunks_.size();
    try {
      for (const auto& chunk : fresh) chunks_.push_back(chunk);
    } catch (...) {
      chunks_.resize(before);
      throw;
    }
    bytes_.fetch_add(fresh.size() * sizeof(Chunk), std::memory_order_relaxed);
  }
  auto next = fresh.begin();
  for (const int32_t hash : hashes) {
    if (!last_ || last_->size.load(std::memory_order_relaxed) == chunk_records) last_ = *next++;
    const size_t at = last_->size.load(std::memory_order_relaxed);
    last_->records[at] = record;
    last_->records[at].hash = hash;
    last_->size.store(at + 1, std::memory_order_release);
  }
}

KeyBuffer::Snapshot KeyBuffer::snapshot() const {
  const std::lock_guard lock(guard_);
  return {{chunks_.begin(), chunks_.end()}, head_};
}

std::vector<KeyRecord> KeyBuffer::front(size_t most, int64_t limit) const {
  std::vector<KeyRecord> out;
  auto [chunks, skip] = snapshot();
  for (const auto& chunk : chunks) {
    const size_t size = chunk->size.load(std::memory_order_acquire);
    for (size_t i = skip; i < size; ++i) {
      if (out.size() == most || chunk->records[i].log_end() > limit) return out;
      out.push_back(chunk->records[i]);
    }
    skip = 0;
  }
  return out;
}

void KeyBuffer::drop(size_t count) {
  const std::lock_guard lock(guard_);
  head_ += count;
  while (head_ >= chunk_records) {
    chunks_.pop_front();
    head_ -= chunk_records;
    bytes_.fetch_sub(sizeof(Chunk), std::memory_order_relaxed);
  }
}

// What stays is copied: somebody may still look at the chunks that were cut.
void KeyBuffer::cut(int64_t log_offset) {
  std::vector<KeyRecord> kept;
  each([&](const KeyRecord& record) {
    if (record.log_offset < log_offset) kept.push_back(record);
  });
  {
    const std::lock_guard lock(guard_);
    chunks_.clear();
    head_ = 0;
    bytes_.store(0, std::memory_order_relaxed);
  }
  last_.reset();
  for (const KeyRecord& record : kept) push(record, {&record.hash, 1});
}

}  // namespace gantry::store_file
