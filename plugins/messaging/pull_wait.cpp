#include "pull_wait.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gantry::messaging {

size_t PullWait::Hash::operator()(const QueueView& key) const {
  constexpr uint64_t golden_ratio = 0x9e3779b97f4a7c15u;
  const uint64_t hash = std::hash<std::string_view>()(key.topic);
  return (hash ^ static_cast<uint32_t>(key.queue_id)) * golden_ratio;
}

void PullWait::add(uint32_t shard, gantry_session session, gantry_token token,
                   std::string_view topic, int32_t queue_id) {
  // Counted before it is listed: a record that comes now must not take a shortcut past it.
  ++held_;
  shards_[shard].sessions[session].push_back({token, {std::string(topic), queue_id}});
  const QueueView key{topic, queue_id};
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  auto queue = at.queues.find(key);
  if (queue == at.queues.end()) {
    queue =
        at.queues.emplace(Queue{std::string(topic), queue_id}, std::vector<gantry_token>()).first;
  }
  queue->second.push_back(token);
}

bool PullWait::remove(uint32_t shard, gantry_session session, gantry_token token) {
  auto& sessions = shards_[shard].sessions;
  const auto at = sessions.find(session);
  if (at == sessions.end()) return false;
  std::vector<Waiter>& waiters = at->second;
  const auto waiter = std::find_if(waiters.begin(), waiters.end(),
                                   [&](const Waiter& one) { return one.token == token; });
  if (waiter == waiters.end()) return false;
  unlist(*waiter);
  std::swap(*waiter, waiters.back());
  waiters.pop_back();
  if (waiters.empty()) sessions.erase(at);
  --held_;
  return true;
}

void PullWait::drop(uint32_t shard, gantry_session session) {
  auto& sessions = shards_[shard].sessions;
  const auto at = sessions.find(session);
  if (at == sessions.end()) return;
  for (const Waiter& waiter : at->second) unlist(waiter);
  held_ -= static_cast<int64_t>(at->second.size());
  sessions.erase(at);
}

std::vector<gantry_token> PullWait::take(std::string_view topic, int32_t queue_id) {
  const QueueView key{topic, queue_id};
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto queue = at.queues.find(key);
  if (queue == at.queues.end()) return {};
  auto tokens = std::move(queue->second);
  at.queues.erase(queue);
  return tokens;
}

void PullWait::unlist(const Waiter& waiter) {
  Stripe& at = stripe({waiter.queue.topic, waiter.queue.queue_id});
  const std::lock_guard guard(at.lock);
  const auto queue = at.queues.find(waiter.queue);
  if (queue == at.queues.end()) return;
  std::erase(queue->second, waiter.token);
  if (queue->second.empty()) at.queues.erase(queue);
}

}  // namespace gantry::messaging
