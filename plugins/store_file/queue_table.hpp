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

// What is known of one queue. Guarded by topic.guard, but for topic and id, which never change.
struct Queue {
  Queue(const Topic& owner, int32_t number) : topic(owner), id(number) {}

  const Topic& topic;
  const int32_t id;
  bool listed = false;  // waits in StoreFile's list of queues with unsaved units
  int64_t min = 0;
  int64_t max = 0;     // 0: never had a unit
  int64_t stored = 0;  // units below it are in the files and synced; 0: it has no file
  Tail tail;           // [tail.begin, max); units below are in the files only
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
