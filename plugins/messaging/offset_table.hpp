// OffsetTable: how far each group has consumed each queue, in memory. Node-wide, since a group's
// members sit on different shards. What changed since the last flush is listed, so a flush costs
// what changed. Owned by Offsets; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::messaging {

struct QueueKey {
  std::string_view group;
  std::string_view topic;
  int32_t queue_id = 0;

  friend bool operator==(const QueueKey&, const QueueKey&) = default;
};

struct CommittedOffset {
  std::string group;
  std::string topic;
  int32_t queue_id = 0;
  int64_t offset = 0;

  QueueKey key() const { return {group, topic, queue_id}; }
};

class OffsetTable {
 public:
  // Without a mark: what the store holds already.
  void load(const CommittedOffset& stored);
  // Below 0 means none, as with RocketMQ: the entry goes, in the store too.
  void commit(const QueueKey& key, int64_t offset);
  // Only forward.
  void advance(const QueueKey& key, int64_t offset);
  std::optional<int64_t> find(const QueueKey& key) const;

  // Every entry that is wanted, in no order. Looks at the whole table: on workers.
  using Wanted = std::function<bool(const QueueKey& key)>;
  std::vector<CommittedOffset> collect(const Wanted& wanted) const;
  void erase(const Wanted& wanted);

  // Takes what changed, an erased entry with -1; put_back() what could not be stored, unless it
  // changed again.
  std::vector<CommittedOffset> take_dirty();
  void put_back(const std::vector<CommittedOffset>& unsaved);

 private:
  struct Owned {
    std::string group;
    std::string topic;
    int32_t queue_id;
  };
  static QueueKey view(const QueueKey& key) { return key; }
  static QueueKey view(const Owned& key) { return {key.group, key.topic, key.queue_id}; }
  struct Hash {
    using is_transparent = void;
    size_t operator()(const QueueKey& key) const;
    size_t operator()(const Owned& key) const { return (*this)(view(key)); }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) == view(b);
    }
  };
  struct Value {
    int64_t offset = 0;
    bool dirty = false;
  };
  using Map = std::unordered_map<Owned, Value, Hash, Equal>;
  struct Stripe {
    mutable std::mutex lock;  // "offsets": never held across a host call
    Map offsets;
    std::vector<Map::value_type*> dirty;  // nodes stay where they are
  };

  static constexpr int64_t none = -1;
  void put(const QueueKey& key, int64_t offset, bool back);
  static void set(Stripe& at, Map::value_type& entry, int64_t offset);

  static constexpr size_t stripe_count = 64;
  const Stripe& stripe(const QueueKey& key) const {
    return stripes_[(Hash()(key) >> 32) % stripe_count];
  }
  Stripe& stripe(const QueueKey& key) {
    return const_cast<Stripe&>(std::as_const(*this).stripe(key));
  }

  std::array<Stripe, stripe_count> stripes_;
};

}  // namespace gantry::messaging
