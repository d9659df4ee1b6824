// Numbers: the next queue offset of each queue that was appended to since open. Owned by CommitLog
// and guarded by its append lock; the key is hashed before that is taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/strong.hpp"

namespace gantry::commitlog {

struct QueueKey {
  std::string_view topic;
  int32_t queue_id;
  size_t hash;

  QueueKey(std::string_view topic_bytes, int32_t queue)
      : topic(topic_bytes),
        queue_id(queue),
        hash(std::hash<std::string_view>{}(topic_bytes) ^
             static_cast<uint32_t>(queue) * 0x9E3779B97F4A7C15u) {}
  bool operator==(const QueueKey& other) const {
    return queue_id == other.queue_id && topic == other.topic;
  }
};

class Numbers {
 public:
  // The queue's next number, to be raised by who takes it; null while it is not known.
  QueueOffset* find(const QueueKey& key) {
    const auto it = next_.find(key);
    return it == next_.end() ? nullptr : &it->second;
  }
  // Does nothing when it became known meanwhile, or all was forgotten since `epoch` was read.
  void learn(const QueueKey& key, QueueOffset next, uint64_t epoch) {
    if (epoch == epoch_) next_.try_emplace(Owned{std::string(key.topic), key.queue_id}, next);
  }
  void forget() {
    next_.clear();
    epoch_++;
  }
  uint64_t epoch() const { return epoch_; }

 private:
  struct Owned {
    std::string topic;
    int32_t queue_id;
    operator QueueKey() const { return {topic, queue_id}; }
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const QueueKey& key) const { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const QueueKey& a, const QueueKey& b) const { return a == b; }
  };

  std::unordered_map<Owned, QueueOffset, Hash, Equal> next_;
  uint64_t epoch_ = 0;
};

}  // namespace gantry::commitlog
