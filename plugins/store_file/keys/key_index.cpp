#include "key_index.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "cpp/barrier.hpp"
#include "key_text.hpp"

namespace gantry::store_file {

KeyIndex::KeyIndex(Disk& disk, Options options) : disk_(disk), options_(std::move(options)) {
  stored_.shape = options_.shape;
}

int64_t KeyIndex::position() const {
  return stored_.log_offset;
}

void KeyIndex::add(const gantry_message& message) {
  if (message.log_offset < consumed_.load(std::memory_order_relaxed)) return;
  hash_keys(message, hashes_);
  const KeyRecord record{message.log_offset, message.stored_ms, 0, message.record_size};
  buffer_.push(record, hashes_);
  consumed_.store(record.log_end(), std::memory_order_release);
}

int64_t KeyIndex::full_until_ms() {
  const std::shared_lock lock(files_guard_);
  return sealed_.empty() ? 0 : sealed_.back().header.end_ms;
}

// Entries go first, then the position that tells of them, then slots: the other order could make a
// restart believe in entries that never reached the device.
int64_t KeyIndex::save(int64_t stable) {
  constexpr size_t block_records = 1024;  // what one hold of the lock writes
  const std::lock_guard save_lock(save_guard_);
  const int64_t limit = std::min(stable, consumed_.load(std::memory_order_acquire));
  if (limit <= stored_.log_offset) {
    link_old();
    return stored_.log_offset;
  }
  if (!broken_.empty()) throw sdk::Refusal(GANTRY_FAULT, broken_);
  mark_open();
  bool wrote = false;
  for (auto block = buffer_.front(block_records, limit); !block.empty();
       block = buffer_.front(block_records, limit)) {
    if (!newest_ || newest_->room() == 0) roll();
    const size_t fits = std::min(block.size(), static_cast<size_t>(newest_->room()));
    write(std::span(block).first(fits));
    wrote = true;
  }
  if (wrote) sync();
  // A record that `limit` cuts through is not in: the position stays before it.
  const auto rest = buffer_.front(1, std::numeric_limits<int64_t>::max());
  stored_ = here(rest.empty() ? limit : std::min(limit, rest.front().log_offset));
  write_key_position(disk_, options_.position_path, stored_);
  link_old();
  return stored_.log_offset;
}

// Slots are written in large steps, but not so large that a node with little to do keeps them all:
// at most one table a minute. Only when all entries are synced and told of.
void KeyIndex::link_old() {
  if (!newest_ || !broken_.empty() || newest_->unlinked() == 0) return;
  if (newest_->header() != stored_.header || newest_->name() != stored_.newest) return;
  const int64_t age_ms = options_.now_ms() - unlinked_since_ms_;
  const bool old = age_ms >= options_.relink_ms_max || age_ms < 0;  // a clock may be set back
  if (old || newest_->unlinked() >= options_.relink_max) link();
}

int64_t KeyIndex::slot_bytes() {
  const std::shared_lock lock(files_guard_);
  return newest_ ? newest_->held_bytes() : 0;
}

// Says on disk that files may get ahead of the position, before they do.
void KeyIndex::mark_open() {
  if (!stored_.closed) return;
  KeyPosition opened = stored_;
  opened.closed = false;
  write_key_position(disk_, options_.position_path, opened);
  stored_ = opened;
}

// A search sees a record in the buffer or in the file: never in both or in none.
void KeyIndex::write(std::span<const KeyRecord> records) {
  if (newest_->unlinked() == 0) unlinked_since_ms_ = options_.now_ms();
  const std::unique_lock lock(files_guard_);
  newest_->append(records);
  buffer_.drop(records.size());
}

// After a failed sync nobody knows what the file holds, and a second one would not tell: what is in
// is left to the next start.
void KeyIndex::sync() {
  try {
    newest_->sync();
  } catch (const std::exception& error) {
    broken_ = std::string(error.what()) + "; the key index is written again after a restart";
    throw;
  }
}

// Searches go on meanwhile; what they find is the same in memory and in the file.
void KeyIndex::link() {
  try {
    newest_->link();
    const std::unique_lock lock(files_guard_);
    newest_->release();
  } catch (const std::exception& error) {
    broken_ = std::string(error.what()) + "; the key index is written again after a restart";
    throw;
  }
}

// A full file stays as it is: its slots must be on the device before the position no longer tells
// of them.
void KeyIndex::roll() {
  KeyHeader begin;
  std::string before;
  if (newest_) {
    sync();
    link();
    begin = newest_->header().successor();
    before = newest_->name();
  }
  const std::string name = next_key_file_name(options_.now_ms(), before);
  auto fresh = KeyFile::make(disk_, options_.folder / name, options_.shape, begin);
  const std::unique_lock lock(files_guard_);
  if (newest_) sealed_.push_back({newest_->name(), newest_->header()});
  newest_ = std::move(fresh);
}

KeyPosition KeyIndex::here(int64_t log_offset) const {
  KeyPosition out;
  out.log_offset = log_offset;
  out.shape = options_.shape;
  if (!newest_) return out;
  out.files = static_cast<int64_t>(sealed_.size()) + 1;
  out.newest = newest_->name();
  out.first = sealed_.empty() ? out.newest : sealed_.front().name;
  out.header = newest_->header();
  return out;
}

void KeyIndex::close() {
  const std::lock_guard save_lock(save_guard_);
  if (!broken_.empty() || stored_.closed) return;
  if (newest_) {
    if (newest_->header() != stored_.header) return;  // the last save failed: more than is told of
    link();
  }
  KeyPosition closed = stored_;
  closed.closed = true;
  write_key_position(disk_, options_.position_path, closed);
  stored_ = closed;
}

// The position goes first: it never tells of a file that is gone.
void KeyIndex::trimmed(int64_t log_begin) {
  const std::lock_guard save_lock(save_guard_);
  const auto kept = std::find_if(sealed_.begin(), sealed_.end(), [&](const Sealed& file) {
    return file.header.end_offset >= log_begin;
  });
  // A save that failed has made a file the position doesn't tell of: later, then.
  const bool told = newest_ && newest_->name() == stored_.newest;
  if (kept == sealed_.begin() || !told || !broken_.empty()) return;
  const std::vector<Sealed> gone(sealed_.begin(), kept);
  KeyPosition fewer = stored_;
  fewer.files -= static_cast<int64_t>(gone.size());
  fewer.first = kept == sealed_.end() ? newest_->name() : kept->name;
  write_key_position(disk_, options_.position_path, fewer);
  stored_ = fewer;
  {
    const std::unique_lock lock(files_guard_);
    sealed_.erase(sealed_.begin(), kept);
  }
  for (const Sealed& file : gone) disk_.remove(options_.folder / file.name);
}

}  // namespace gantry::store_file
