// Lru: shared things by key, of which the least recently used is let go when there are too many.
// Who still holds one keeps it alive. Any thread; the lock is never held while a thing is made or
// ends.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace gantry::store_file {

template <class Key, class Hash, class Value>
class Lru {
 public:
  explicit Lru(size_t most) : most_(most) {}

  std::shared_ptr<Value> find(const Key& key) {
    const std::lock_guard lock(guard_);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return nullptr;
    order_.splice(order_.begin(), order_, known->second);
    return known->second->second;
  }

  // What is known under the key already stays.
  void keep(const Key& key, const std::shared_ptr<Value>& value) {
    std::shared_ptr<Value> oldest;  // ends after the lock is free
    const std::lock_guard lock(guard_);
    if (by_key_.contains(key)) return;
    order_.emplace_front(key, value);
    by_key_[key] = order_.begin();
    if (order_.size() <= most_) return;
    by_key_.erase(order_.back().first);
    oldest = std::move(order_.back().second);
    order_.pop_back();
  }

  void forget(const Key& key) {
    std::shared_ptr<Value> gone;
    const std::lock_guard lock(guard_);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return;
    gone = std::move(known->second->second);
    order_.erase(known->second);
    by_key_.erase(known);
  }

  void clear() {
    std::list<Entry> gone;
    const std::lock_guard lock(guard_);
    by_key_.clear();
    gone.swap(order_);
  }

 private:
  using Entry = std::pair<Key, std::shared_ptr<Value>>;

  const size_t most_;
  std::mutex guard_;
  std::list<Entry> order_;  // newest first
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> by_key_;
};

}  // namespace gantry::store_file
