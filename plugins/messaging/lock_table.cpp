#include "lock_table.hpp"

#include <algorithm>
#include <set>

namespace gantry::messaging {

LockTable::Queues LockTable::lock(std::string_view group, std::string_view client,
                                  const Queues& queues, int64_t now_ms) {
  Queues granted;
  const auto by_value = [](const protocol::MessageQueue* a, const protocol::MessageQueue* b) {
    return *a < *b;
  };
  std::set<const protocol::MessageQueue*, decltype(by_value)> asked(by_value);
  Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  for (const protocol::MessageQueue& queue : queues) {
    if (!asked.insert(&queue).second) continue;
    auto entry = at.groups.find(group);
    if (entry == at.groups.end()) {
      if (at.count >= locks_max_) continue;
      entry = at.groups.try_emplace(std::string(group)).first;
    }
    Locks& locks = entry->second;
    if (const auto held = locks.find(queue); held != locks.end()) {
      if (held->second.client != client && !held->second.is_expired(now_ms)) continue;
      held->second = {std::string(client), now_ms};
    } else {
      if (at.count >= locks_max_) continue;
      locks.emplace(queue, Lock{std::string(client), now_ms});
      ++at.count;
    }
    granted.push_back(queue);
  }
  return granted;
}

void LockTable::unlock(std::string_view group, std::string_view client, const Queues& queues) {
  Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return;
  for (const protocol::MessageQueue& queue : queues) {
    const auto held = entry->second.find(queue);
    if (held == entry->second.end() || held->second.client != client) continue;
    entry->second.erase(held);
    --at.count;
  }
  if (entry->second.empty()) at.groups.erase(entry);
}

void LockTable::release(std::string_view group, std::string_view client) {
  Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return;
  at.count -=
      std::erase_if(entry->second, [&](const auto& one) { return one.second.client == client; });
  if (entry->second.empty()) at.groups.erase(entry);
}

bool LockTable::holds_any(std::string_view group, int64_t now_ms) const {
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return false;
  return std::any_of(entry->second.begin(), entry->second.end(),
                     [&](const auto& one) { return !one.second.is_expired(now_ms); });
}

void LockTable::sweep(int64_t now_ms) {
  for (Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (auto entry = at.groups.begin(); entry != at.groups.end();) {
      at.count -= std::erase_if(entry->second,
                                [&](const auto& one) { return one.second.is_expired(now_ms); });
      entry = entry->second.empty() ? at.groups.erase(entry) : std::next(entry);
    }
  }
}

}  // namespace gantry::messaging
