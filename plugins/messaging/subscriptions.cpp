#include "subscriptions.hpp"

#include <utility>

#include "cpp/host.hpp"
#include "job.hpp"

namespace gantry::messaging {

Subscriptions::Subscriptions(const Services& services, const ClientTable& clients)
    : services_(services),
      clients_(clients),
      shards_(services.host->shard_count),
      latest_(std::make_shared<const Snapshot>()) {
  for (Shard& shard : shards_) shard.snapshot = latest_;
}

void Subscriptions::heard(const gantry_call& call, const Client& client,
                          const protocol::ConsumerData& consumer, bool without_subscriptions) {
  Member member = protocol::member_subscriptions(client.id, consumer.group, consumer.subscriptions);
  bool changed = false;
  std::optional<bool> differs;
  {
    const std::lock_guard guard(lock_);
    Group& group = groups_[consumer.group];
    Member& known = group.members[client.session];
    if (!without_subscriptions && known != member) {
      known = std::move(member);
      differs = compare(group);
    }
    changed = refresh(consumer.group);
  }
  tell(consumer.group, differs);
  if (changed) publish();
  swap(shards_[call.shard]);
}

void Subscriptions::left(gantry_session session, std::string_view name) {
  bool changed = false;
  std::optional<bool> differs;
  {
    const std::lock_guard guard(lock_);
    if (const auto at = groups_.find(name); at != groups_.end()) {
      at->second.members.erase(session);
      differs = compare(at->second);
      if (at->second.members.empty()) groups_.erase(at);
    }
    changed = refresh(name);
  }
  tell(name, differs);
  if (changed) publish();
}

std::optional<std::string> Subscriptions::difference(std::string_view group) const {
  const std::lock_guard guard(lock_);
  const auto at = groups_.find(group);
  if (at == groups_.end() || at->second.difference.empty()) return std::nullopt;
  return at->second.difference;
}

bool Subscriptions::refresh(std::string_view group) {
  std::optional<GroupSubscriptions> now = clients_.subscriptions(group);
  const GroupSubscriptions* before = latest_->find(group);
  if (!now && !before) return false;
  if (now && before && *now == *before) return false;
  auto next = std::make_shared<Snapshot>(*latest_);
  if (now) {
    next->put(std::move(*now));
  } else {
    next->erase(group);
  }
  latest_ = std::move(next);
  return true;
}

std::optional<bool> Subscriptions::compare(Group& group) {
  std::string found;
  const Member* first = nullptr;
  for (const auto& [session, member] : group.members) {
    if (member.topics.empty()) continue;
    if (!first) first = &member;
    found = protocol::difference(*first, member);
    if (!found.empty()) break;
  }
  const bool flips = found.empty() != group.difference.empty();
  group.difference = std::move(found);
  return flips ? std::optional(!group.difference.empty()) : std::nullopt;
}

void Subscriptions::tell(std::string_view group, std::optional<bool> differs) const {
  if (!differs) return;
  const sdk::Host host(services_.host);
  const std::string head = "group " + std::string(group) + ": its members subscribe ";
  if (!*differs) return host.info(head + "alike again");
  host.warn(head + "differently, so each of them may miss messages: " +
            difference(group).value_or("by now alike again"));
}

void Subscriptions::publish() {
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    if (shard.posted.exchange(true)) continue;
    const gantry_status posted =
        give([&](gantry_completion then) { return services_.timer.post(services_.host, i, then); },
             [this, &shard](const gantry_call&, gantry_status status, const void*) {
               shard.posted = false;  // before the look: what is published from here on posts again
               if (status == GANTRY_OK) swap(shard);
             });
    if (posted < 0) shard.posted = false;
  }
}

void Subscriptions::swap(Shard& shard) {
  const std::lock_guard guard(lock_);
  shard.snapshot = latest_;
}

}  // namespace gantry::messaging
