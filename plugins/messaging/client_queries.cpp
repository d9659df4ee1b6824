// What others ask of the ClientTable.
#include "client_table.hpp"

namespace gantry::messaging {

std::optional<GroupView> ClientTable::group(std::string_view name) const {
  const Stripe& at = stripe(name);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(name);
  if (entry == at.groups.end()) return std::nullopt;
  const Group& group = entry->second;
  GroupView view{group.type, group.model, group.from_where, {}, {}};
  for (const auto& [topic, subscription] : group.subscriptions) {
    view.subscriptions.push_back(subscription);
  }
  for (const auto& [session, client] : group.members) view.members.push_back(client);
  return view;
}

std::optional<Client> ClientTable::member(std::string_view group,
                                          std::string_view client_id) const {
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return std::nullopt;
  const Client* newest = nullptr;
  for (const auto& [session, client] : entry->second.members) {
    if (client.id == client_id && (!newest || newest->came < client.came)) newest = &client;
  }
  return newest ? std::optional(*newest) : std::nullopt;
}

std::optional<protocol::SubscriptionData> ClientTable::subscription(std::string_view group,
                                                                    std::string_view topic) const {
  const Stripe& at = stripe(group);
  const std::lock_guard guard(at.lock);
  const auto entry = at.groups.find(group);
  if (entry == at.groups.end()) return std::nullopt;
  const auto found = entry->second.subscriptions.find(topic);
  if (found == entry->second.subscriptions.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> ClientTable::groups_on(std::string_view topic) const {
  std::vector<std::string> found;
  for (const Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (const auto& [name, group] : at.groups) {
      if (group.subscriptions.contains(topic)) found.push_back(name);
    }
  }
  return found;
}

std::vector<Producer> ClientTable::producers(std::string_view group) const {
  std::vector<Producer> found;
  const std::lock_guard guard(roles_lock_);
  const auto at = producers_.find(group);
  if (at == producers_.end()) return found;
  for (const gantry_session session : at->second) {
    const Roles& roles = roles_.at(session);
    found.push_back({roles.client, roles.heard.wall_ms});
  }
  return found;
}

std::map<std::string, std::vector<Producer>> ClientTable::producers() const {
  std::map<std::string, std::vector<Producer>> found;
  const std::lock_guard guard(roles_lock_);
  for (const auto& [group, sessions] : producers_) {
    for (const gantry_session session : sessions) {
      const Roles& roles = roles_.at(session);
      found[group].push_back({roles.client, roles.heard.wall_ms});
    }
  }
  return found;
}

gantry_session ClientTable::producer_session(std::string_view client_id) const {
  const std::lock_guard guard(roles_lock_);
  const auto at = producer_clients_.find(client_id);
  return at == producer_clients_.end() ? 0 : at->second;
}

gantry_session ClientTable::producer_session(std::string_view group,
                                             std::string_view client_id) const {
  Client newest;
  for (Producer& one : producers(group)) {
    if (one.client.id == client_id && one.client.came > newest.came) {
      newest = std::move(one.client);
    }
  }
  return newest.session;
}

std::vector<gantry_session> ClientTable::producer_sessions(std::string_view group) const {
  const std::lock_guard guard(roles_lock_);
  const auto at = producers_.find(group);
  if (at == producers_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

}  // namespace gantry::messaging
