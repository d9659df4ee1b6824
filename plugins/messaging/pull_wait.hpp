// PullWait: pulls held until their queue has a record for them. Node-wide, since the shard that
// drains the log need not be the one that holds the pull. Owned by the Broker.
//
// add, remove and drop run on the shard of the session; filters and take on the thread that drains
// the log. A waiter is in two lists: by queue, under a stripe's lock, for the record that comes; by
// session, on its shard without a lock, for the client that goes. Nothing is ever searched by time:
// the host keeps the timeouts.
#pragma once

#include <gantry/base.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "filters.hpp"

namespace gantry::messaging {

class PullWait {
 public:
  explicit PullWait(uint32_t shard_count) : shards_(shard_count) {}

  struct Held {
    gantry_token token;
    std::string_view topic;
    int32_t queue_id;
    int64_t offset;    // the queue's end, as far as the pull knows
    FilterRef filter;  // null: every record is for it
  };
  void add(uint32_t shard, gantry_session session, Held held);
  // Forgets the waiter; nothing when there was none: a request that was never held starts afresh.
  // Else the offset up to which no record was for it.
  std::optional<int64_t> remove(uint32_t shard, gantry_session session, gantry_token token);
  void drop(uint32_t shard, gantry_session session);

  // A record that is in the queue index now.
  struct Arrival {
    std::string_view topic;
    int32_t queue_id;
    int64_t offset;
    bool is_one;  // takes one queue offset
  };
  // The filters to be asked about a record of this queue, each once.
  void filters(const Arrival& arrival, std::vector<FilterRef>& out);
  struct Asked {
    const Filter* filter;
    bool wakes;
  };
  // Takes the waiters to be woken: those without a filter, those whose filter says so, and those
  // whose filter was not asked. The others have seen the record.
  void take(const Arrival& arrival, std::span<const Asked> asked, std::vector<gantry_token>& out);

  // Takes everybody who waits for the queue. [any]
  void take_all(std::string_view topic, int32_t queue_id, std::vector<gantry_token>& out);

  // Whether anybody waits at all. A full barrier, so of a record being indexed and a pull being
  // held at the same moment, one side sees the other: records first indexed, then any(); pulls
  // first added, then the index asked again.
  bool any() { return held_.fetch_add(0) > 0; }
  int64_t held() const { return held_.load(); }
  // The same of those who wait for a light queue: a further queue of records of other topics.
  bool any_light() { return held_light_.fetch_add(0) > 0; }

 private:
  struct QueueName {
    std::string topic;
    int32_t queue_id;
  };
  struct QueueView {
    std::string_view topic;
    int32_t queue_id;
    friend bool operator==(const QueueView&, const QueueView&) = default;
  };
  static QueueView view(const QueueView& key) { return key; }
  static QueueView view(const QueueName& key) { return {key.topic, key.queue_id}; }
  struct Hash {
    using is_transparent = void;
    size_t operator()(const QueueView& key) const;
    size_t operator()(const QueueName& key) const { return (*this)(view(key)); }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) == view(b);
    }
  };
  struct Stripe;
  struct Queue;
  static constexpr size_t unlisted = SIZE_MAX;
  // Owned by its session's list; the members from `next` on are guarded by the stripe's lock.
  struct Waiter {
    gantry_token token = 0;
    FilterRef filter;
    Stripe* stripe = nullptr;
    const QueueName* name = nullptr;  // of the queue, which stays while it has waiters
    Queue* queue = nullptr;
    int64_t next = 0;          // no record before it is for this pull
    size_t listed = unlisted;  // place in the queue's list; `unlisted` once it has been taken
  };
  struct FilterUse {
    FilterRef filter;
    size_t waiters;
  };
  struct Queue {
    std::vector<Waiter*> listed;
    std::vector<FilterUse> filters;  // of those listed
    size_t waiters = 0;              // those taken and not removed yet, too
  };
  struct Stripe {
    std::mutex lock;  // "pulls": never held across a host call
    std::unordered_map<QueueName, Queue, Hash, Equal> queues;
  };
  struct alignas(64) Shard {
    std::unordered_map<gantry_session, std::unordered_map<gantry_token, Waiter>> sessions;
  };

  static constexpr size_t stripe_count = 64;
  Stripe& stripe(const QueueView& key) { return stripes_[(Hash()(key) >> 32) % stripe_count]; }
  static void unlist(Queue& queue, Waiter& waiter);
  int64_t leave(Waiter& waiter);

  std::array<Stripe, stripe_count> stripes_;
  std::vector<Shard> shards_;      // each used on its shard only
  std::atomic<int64_t> held_ = 0;  // waiters by session, so also those just woken
  std::atomic<int64_t> held_light_ = 0;  // those of them that wait for a light queue
};

}  // namespace gantry::messaging
