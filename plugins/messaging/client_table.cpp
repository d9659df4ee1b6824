#include "client_table.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::messaging {
// A newer version replaces silently; only topics that come or go are a change members must hear of.
bool ClientTable::Group::subscribe(const std::vector<protocol::SubscriptionData>& wanted) {
  bool changed = false;
  std::set<std::string_view> topics;
  for (const protocol::SubscriptionData& one : wanted) {
    topics.insert(one.topic);
    const auto [at, added] = subscriptions.try_emplace(one.topic, one);
    changed |= added;
    if (!added && one.version > at->second.version) at->second = one;
  }
  changed |= std::erase_if(subscriptions,
                           [&](const auto& entry) { return !topics.contains(entry.first); }) > 0;
  return changed;
}

Joined ClientTable::join(const Client& client, const protocol::ConsumerData& consumer,
                         int32_t fingerprint, bool without_subscriptions, const Heard& heard) {
  Joined joined;
  Client member;
  {
    const std::lock_guard guard(roles_lock_);
    Roles& roles = roles_of(client, heard);
    roles.consumer_groups.insert(consumer.group);
    member = roles.client;
  }
  {
    Stripe& at = stripe(consumer.group);
    const std::lock_guard guard(at.lock);
    const auto [entry, created] = at.groups.try_emplace(consumer.group);
    Group& group = entry->second;
    group.type = consumer.type;
    group.model = consumer.model;
    group.from_where = consumer.from_where;
    const bool known = group.members.contains(client.session);
    group.members[client.session] = std::move(member);
    joined.changed = !known;
    if (!without_subscriptions) joined.changed |= group.subscribe(consumer.subscriptions);
    // A broker that knows nothing of the subscriptions left out has to be told them.
    joined.fingerprint_changed = created ? without_subscriptions : group.fingerprint != fingerprint;
    group.fingerprint = fingerprint;
  }
  return joined;
}

ClientTable::Roles& ClientTable::roles_of(const Client& client, const Heard& heard) {
  Roles& roles = roles_[client.session];
  const uint64_t came = roles.client.came != 0 ? roles.client.came : ++came_;
  // A connection is one client's. One that changes its name leaves nothing of the old one.
  if (roles.client.id != client.id) forget_producer_client(client.session, roles.client.id);
  roles.client = client;
  roles.client.came = came;
  roles.heard = heard;
  return roles;
}

bool ClientTable::join_producer(const Client& client, const std::string& group,
                                const Heard& heard) {
  const std::lock_guard guard(roles_lock_);
  Roles& roles = roles_of(client, heard);
  if (roles.producer_groups.size() >= producer_groups_max && !roles.producer_groups.contains(group)) {
    return false;
  }
  roles.producer_groups.insert(group);
  producers_[group].insert(client.session);
  gantry_session& newest = producer_clients_[client.id];
  const auto other = roles_.find(newest);
  if (other == roles_.end() || other->second.client.came < roles.client.came) {
    newest = client.session;
  }
  return true;
}

void ClientTable::forget_producer(gantry_session session, std::string_view group) {
  const auto at = producers_.find(group);
  if (at == producers_.end()) return;
  at->second.erase(session);
  if (at->second.empty()) producers_.erase(at);
}

void ClientTable::forget_producer_client(gantry_session session, const std::string& client_id) {
  const auto at = producer_clients_.find(client_id);
  if (at != producer_clients_.end() && at->second == session) producer_clients_.erase(at);
}

bool ClientTable::remove_member(gantry_session session, std::string_view group, Left& left) {
  Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return false;
  auto& members = entry->second.members;
  const auto member = members.extract(session);
  if (!member) return false;
  left = {std::string(group), entry->second.model == protocol::MessageModel::broadcasting,
          member.mapped().id};
  const auto is_same = [&](const auto& one) { return one.second.id == left.client; };
  if (std::any_of(members.begin(), members.end(), is_same)) left.client.clear();
  if (members.empty()) at.groups.erase(entry);
  return true;
}

bool ClientTable::leave(gantry_session session, std::string_view group, Left& left) {
  if (!remove_member(session, group, left)) return false;
  const std::lock_guard guard(roles_lock_);
  const auto at = roles_.find(session);
  if (at == roles_.end()) return true;
  if (const auto one = at->second.consumer_groups.find(group);
      one != at->second.consumer_groups.end()) {
    at->second.consumer_groups.erase(one);
  }
  if (at->second.consumer_groups.empty() && at->second.producer_groups.empty()) roles_.erase(at);
  return true;
}

void ClientTable::leave_producer(gantry_session session, std::string_view group) {
  const std::lock_guard guard(roles_lock_);
  const auto at = roles_.find(session);
  if (at == roles_.end()) return;
  Roles& roles = at->second;
  if (const auto one = roles.producer_groups.find(group); one != roles.producer_groups.end()) {
    roles.producer_groups.erase(one);
    forget_producer(session, group);
    if (roles.producer_groups.empty()) forget_producer_client(session, roles.client.id);
  }
  if (at->second.consumer_groups.empty() && at->second.producer_groups.empty()) roles_.erase(at);
}

std::vector<Left> ClientTable::close(gantry_session session) {
  Roles roles;
  {
    const std::lock_guard guard(roles_lock_);
    const auto at = roles_.find(session);
    if (at == roles_.end()) return {};
    roles = std::move(at->second);
    roles_.erase(at);
    for (const std::string& group : roles.producer_groups) forget_producer(session, group);
    forget_producer_client(session, roles.client.id);
  }
  std::vector<Left> gone;
  for (const std::string& group : roles.consumer_groups) {
    Left left;
    if (remove_member(session, group, left)) gone.push_back(std::move(left));
  }
  return gone;
}

std::optional<GroupSubscriptions> ClientTable::subscriptions(std::string_view group) const {
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return std::nullopt;
  GroupSubscriptions out{
      std::string(group), entry->second.model == protocol::MessageModel::broadcasting, {}};
  for (const auto& [topic, one] : entry->second.subscriptions) {
    out.topics.emplace(topic, Subscription{one.version, one.expression, one.expression_type,
                                           one.class_filter_mode});
  }
  return out;
}

std::vector<gantry_session> ClientTable::members(std::string_view group) const {
  std::vector<gantry_session> sessions;
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return sessions;
  for (const auto& [session, client] : entry->second.members) sessions.push_back(session);
  return sessions;
}

std::vector<std::string> ClientTable::client_ids(std::string_view group) const {
  std::set<std::string> ids;
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return {};
  for (const auto& [session, client] : entry->second.members) ids.insert(client.id);
  return {ids.begin(), ids.end()};
}

std::vector<gantry_session> ClientTable::expired(int64_t before_ms) const {
  std::vector<gantry_session> silent;
  const std::lock_guard guard(roles_lock_);
  for (const auto& [session, roles] : roles_) {
    if (roles.heard.steady_ms < before_ms) silent.push_back(session);
  }
  return silent;
}

}  // namespace gantry::messaging
