// PullWait: pulls held until their queue has a record. Node-wide, since the shard that drains the
// log need not be the one that holds the pull. Owned by the Broker.
//
// add, remove and drop run on the shard of the session; wake on any thread. A waiter is in two
// lists: by queue, under a stripe's lock, for the record that comes; by session, on its shard
// without a lock, for the client that goes. Nothing is ever searched by time: the host keeps the
// timeouts.
#pragma once

#include <gantry/base.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::messaging {

class PullWait {
 public:
  explicit PullWait(uint32_t shard_count) : shards_(shard_count) {}

  void add(uint32_t shard, gantry_session session, gantry_token token, std::string_view topic,
           int32_t queue_id);
  // Forgets the waiter; says whether there was one: a request that was never held starts afresh.
  bool remove(uint32_t shard, gantry_session session, gantry_token token);
  void drop(uint32_t shard, gantry_session session);
  // Takes the queue's waiters, to be woken. [any]
  std::vector<gantry_token> take(std::string_view topic, int32_t queue_id);
  // Whether anybody waits at all. A full barrier, so of a record being indexed and a pull being
  // held at the same moment, one side sees the other: records first indexed, then any(); pulls
  // first added, then the index asked again.
  bool any() { return held_.fetch_add(0) > 0; }
  int64_t held() const { return held_.load(); }

 private:
  struct Queue {
    std::string topic;
    int32_t queue_id;
  };
  struct QueueView {
    std::string_view topic;
    int32_t queue_id;
    friend bool operator==(const QueueView&, const QueueView&) = default;
  };
  static QueueView view(const QueueView& key) { return key; }
  static QueueView view(const Queue& key) { return {key.topic, key.queue_id}; }
  struct Hash {
    using is_transparent = void;
    size_t operator()(const QueueView& key) const;
    size_t operator()(const Queue& key) const { return (*this)(view(key)); }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) == view(b);
    }
  };
  struct Stripe {
    std::mutex lock;  // "pulls": never held across a host call
    std::unordered_map<Queue, std::vector<gantry_token>, Hash, Equal> queues;
  };
  struct Waiter {
    gantry_token token;
    Queue queue;
  };
  struct alignas(64) Shard {
    std::unordered_map<gantry_session, std::vector<Waiter>> sessions;
  };

  static constexpr size_t stripe_count = 64;
  Stripe& stripe(const QueueView& key) { return stripes_[(Hash()(key) >> 32) % stripe_count]; }
  void unlist(const Waiter& waiter);

  std::array<Stripe, stripe_count> stripes_;
  std::vector<Shard> shards_;      // each used on its shard only
  std::atomic<int64_t> held_ = 0;  // waiters by session, so also those just woken
};

}  // namespace gantry::messaging
