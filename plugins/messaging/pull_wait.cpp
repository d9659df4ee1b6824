#include "pull_wait.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "protocol/names.hpp"

namespace gantry::messaging {
size_t PullWait::Hash::operator()(const QueueView& key) const {
  constexpr uint64_t golden_ratio = 0x9e3779b97f4a7c15u;
  const uint64_t hash = std::hash<std::string_view>()(key.topic);
  return (hash ^ static_cast<uint32_t>(key.queue_id)) * golden_ratio;
}

void PullWait::add(uint32_t shard, gantry_session session, Held held) {
  // Counted before it is listed: a record that comes now must not take a shortcut past it.
  ++held_;
  if (protocol::is_lmq(held.topic)) ++held_light_;
  const QueueView key{held.topic, held.queue_id};
  Stripe& at = stripe(key);
  Waiter& waiter = shards_[shard].sessions[session][held.token];
  waiter.token = held.token;
  waiter.filter = std::move(held.filter);
  waiter.stripe = &at;
  waiter.next = held.offset;
  const std::lock_guard guard(at.lock);
  auto entry = at.queues.find(key);
  if (entry == at.queues.end()) {
    entry = at.queues.emplace(QueueName{std::string(key.topic), key.queue_id}, Queue()).first;
  }
  Queue& queue = entry->second;
  waiter.name = &entry->first;
  waiter.queue = &queue;
  waiter.listed = queue.listed.size();
  queue.listed.push_back(&waiter);
  ++queue.waiters;
  if (!waiter.filter) return;
  const auto use = std::find_if(queue.filters.begin(), queue.filters.end(),
                                [&](const FilterUse& one) { return one.filter == waiter.filter; });
  if (use == queue.filters.end()) {
    queue.filters.push_back({waiter.filter, 1});
  } else {
    ++use->waiters;
  }
}

std::optional<int64_t> PullWait::remove(uint32_t shard, gantry_session session,
                                        gantry_token token) {
  auto& sessions = shards_[shard].sessions;
  const auto at = sessions.find(session);
  if (at == sessions.end()) return std::nullopt;
  auto& waiters = at->second;
  const auto waiter = waiters.find(token);
  if (waiter == waiters.end()) return std::nullopt;
  const int64_t next = leave(waiter->second);
  waiters.erase(waiter);
  if (waiters.empty()) sessions.erase(at);
  --held_;
  return next;
}

void PullWait::drop(uint32_t shard, gantry_session session) {
  auto& sessions = shards_[shard].sessions;
  const auto at = sessions.find(session);
  if (at == sessions.end()) return;
  for (auto& [token, waiter] : at->second) leave(waiter);
  held_ -= static_cast<int64_t>(at->second.size());
  sessions.erase(at);
}

int64_t PullWait::leave(Waiter& waiter) {
  const std::lock_guard guard(waiter.stripe->lock);
  Queue& queue = *waiter.queue;
  if (protocol::is_lmq(waiter.name->topic)) --held_light_;
  if (waiter.listed != unlisted) unlist(queue, waiter);
  if (--queue.waiters == 0) waiter.stripe->queues.erase(waiter.stripe->queues.find(*waiter.name));
  return waiter.next;
}

void PullWait::unlist(Queue& queue, Waiter& waiter) {
  queue.listed.back()->listed = waiter.listed;
  std::swap(queue.listed[waiter.listed], queue.listed.back());
  queue.listed.pop_back();
  waiter.listed = unlisted;
  if (!waiter.filter) return;
  const auto use = std::find_if(queue.filters.begin(), queue.filters.end(),
                                [&](const FilterUse& one) { return one.filter == waiter.filter; });
  if (--use->waiters > 0) return;
  std::swap(*use, queue.filters.back());
  queue.filters.pop_back();
}

void PullWait::filters(const Arrival& arrival, std::vector<FilterRef>& out) {
  const QueueView key{arrival.topic, arrival.queue_id};
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto entry = at.queues.find(key);
  if (entry == at.queues.end()) return;
  for (const FilterUse& use : entry->second.filters) out.push_back(use.filter);
}

void PullWait::take(const Arrival& arrival, std::span<const Asked> asked,
                    std::vector<gantry_token>& out) {
  const QueueView key{arrival.topic, arrival.queue_id};
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto entry = at.queues.find(key);
  if (entry == at.queues.end()) return;
  Queue& queue = entry->second;
  for (size_t i = queue.listed.size(); i-- > 0;) {  // from the back: unlist moves the last one
    Waiter& waiter = *queue.listed[i];
    const auto answer = std::find_if(asked.begin(), asked.end(), [&](const Asked& one) {
      return one.filter == waiter.filter.get();
    });
    if (waiter.filter && answer != asked.end() && !answer->wakes) {
      // Only the very next record: one that came before this pull was listed may not have been
      // seen.
      if (arrival.is_one && waiter.next == arrival.offset) ++waiter.next;
      continue;
    }
    out.push_back(waiter.token);
    unlist(queue, waiter);
  }
}

void PullWait::take_all(std::string_view topic, int32_t queue_id, std::vector<gantry_token>& out) {
  const QueueView key{topic, queue_id};
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto entry = at.queues.find(key);
  if (entry == at.queues.end()) return;
  Queue& queue = entry->second;
  while (!queue.listed.empty()) {
    out.push_back(queue.listed.back()->token);
    unlist(queue, *queue.listed.back());
  }
}

}  // namespace gantry::messaging
