// QueueTable: every queue the index knows, by topic and queue id. Owned by StoreFile. Any thread:
// topics are spread over stripes, each with a lock of its own that is held for a lookup and a few
// memory operations, never for the disk. Queues live as long as the table, so a Queue* stays valid.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tail.hpp"

namespace gantry::store_file {

struct Topic;

// What only a queue of inner batches has: there a unit's number says nothing of its queue offset.
struct Batch {
  int64_t first = 0;        // number of the unit that min lies in
  int64_t stored_max = 0;   // queue offset behind the last unit below stored
  int64_t written_max = 0;  // the same below written
  Tail<BatchUnit> tail;     // [tail.begin, tail.end) by number; those below are in the files only
};

// What is known of one queue. Units are numbered as they lie in its files; in an ordinary queue the
// number is the queue offset. Guarded by topic.guard, but for topic and id, which never change, and
// stored and written, which are the disk lock holder's.
struct Queue {
  Queue(const Topic& owner, int32_t number) : topic(owner), id(number) {}

  bool exists() const { return max > 0; }
  int64_t units_begin() const { return batch ? batch->first : min; }
  int64_t units_end() const { return batch ? batch->tail.end() : max; }
  int64_t tail_begin() const { return batch ? batch->tail.begin() : tail.begin(); }
  uint64_t tail_bytes() const { return tail.bytes() + (batch ? batch->tail.bytes() : 0); }
  // Queue offsets end here, given that units below `stored` or `written` count.
  int64_t stored_max() const { return batch ? batch->stored_max : stored; }
  int64_t written_max() const { return batch ? batch->written_max : written; }

  const Topic& topic;
  const int32_t id;
  bool listed = false;  // waits in StoreFile's list of queues with unsaved units
  int64_t min = 0;      // queue offsets are [min, max)
  int64_t max = 0;      // 0: never had a unit
  int64_t min_log = 0;  // log offset of the unit min lies in; meaningless when min is max
  int64_t stored = 0;   // units below it are in the files, synced and promised; 0: it has no file
  int64_t written = 0;  // units below it are in the files
  Tail<gantry_index_entry> tail;  // [tail.begin, max); units below are in the files only
  std::unique_ptr<Batch> batch;   // a queue of inner batches, which has no tail
};

struct Topic {
  Topic(std::string_view its_name, std::mutex& its_guard) : name(its_name), guard(its_guard) {}

  Queue* find(int32_t id) const;
  Queue& make(int32_t id);

  const std::string name;
  std::mutex& guard;
  std::vector<std::unique_ptr<Queue>> queues;  // in the order of ids
};

class QueueTable {
 public:
  // Calls use(Queue*) under the queue's lock, with null for an unknown queue; returns its result.
  template <class Use>
  auto find(std::string_view topic, int32_t id, Use&& use) {
    Stripe& stripe = stripe_of(topic);
    const std::lock_guard lock(stripe.guard);
    const auto known = stripe.topics.find(topic);
    return use(known == stripe.topics.end() ? nullptr : known->second->find(id));
  }

  // The same; an unknown queue is made, without units.
  template <class Use>
  auto find_or_make(std::string_view topic, int32_t id, Use&& use) {
    Stripe& stripe = stripe_of(topic);
    const std::lock_guard lock(stripe.guard);
    const auto known = stripe.topics.find(topic);
    Topic& owner = known == stripe.topics.end() ? stripe.make(topic) : *known->second;
    Queue* queue = owner.find(id);
    return use(queue ? *queue : owner.make(id));
  }

  // Calls use(Queue&) for every queue, under its lock; the lock is free between topics.
  template <class Use>
  void each(Use&& use) {
    for (Stripe& stripe : stripes_) {
      for (size_t i = 0;; ++i) {
        const std::lock_guard lock(stripe.guard);
        if (i >= stripe.order.size()) break;
        for (const auto& queue : stripe.order[i]->queues) use(*queue);
      }
    }
  }

  // Forgets all queues: only before anybody else uses the table.
  void clear();

 private:
  struct Stripe {
    Topic& make(std::string_view topic);

    std::mutex guard;
    std::unordered_map<std::string_view, std::unique_ptr<Topic>> topics;  // keys: the topics' names
    std::vector<Topic*> order;  // the same topics, for walking while others are added
  };

  Stripe& stripe_of(std::string_view topic) {
    return stripes_[std::hash<std::string_view>{}(topic) % stripes_.size()];
  }

  std::array<Stripe, 64> stripes_;
};

}  // namespace gantry::store_file
