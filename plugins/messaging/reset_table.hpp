// ResetTable: offsets an operator has set and no pull has heard of yet. While one is pending the
// group's own commits to that queue count for nothing, since members still mean the old place; the
// next pull of the queue is told, and takes it. Owned by the Broker; any thread; in memory only:
// the offset itself is committed as well (broker: ConsumerOffsetManager.assignResetOffset).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "offset_table.hpp"

namespace gantry::messaging {

class ResetTable {
 public:
  void put(const QueueKey& key, int64_t offset);
  // Nothing is pending, nearly always: one look at an atomic.
  bool is_pending(const QueueKey& key) const;
  std::optional<int64_t> take(const QueueKey& key);

 private:
  using Key = std::tuple<std::string, std::string, int32_t>;
  static Key owned(const QueueKey& key) {
    return {std::string(key.group), std::string(key.topic), key.queue_id};
  }

  std::atomic<size_t> count_ = 0;
  mutable std::mutex lock_;  // "resets": never held across a host call or another lock
  std::map<Key, int64_t> pending_;
};

inline void ResetTable::put(const QueueKey& key, int64_t offset) {
  const std::lock_guard guard(lock_);
  pending_.insert_or_assign(owned(key), offset);
  count_ = pending_.size();
}

inline bool ResetTable::is_pending(const QueueKey& key) const {
  if (count_ == 0) return false;
  const std::lock_guard guard(lock_);
  return pending_.contains(owned(key));
}

inline std::optional<int64_t> ResetTable::take(const QueueKey& key) {
  if (count_ == 0) return std::nullopt;
  const std::lock_guard guard(lock_);
  const auto taken = pending_.extract(owned(key));
  count_ = pending_.size();
  if (!taken) return std::nullopt;
  return taken.mapped();
}

}  // namespace gantry::messaging
