#include "route_table.hpp"

#include <algorithm>
#include <utility>

#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

constexpr int64_t master_id = 0;

// Brokers tell each other of their group through these; they want to see who is there.
constexpr std::string_view member_topic_prefix = "rmq_sys_SYNC_BROKER_MEMBER_";

// The least slave takes the master's place where nobody may write.
void show_stand_in(protocol::BrokerData& broker, const protocol::QueueData& queues) {
  protocol::BrokerAddresses& addresses = broker.addresses;
  if (!broker.acting_master || addresses.empty() || addresses.contains(master_id)) return;
  if ((queues.perm & protocol::perm::write) != 0) return;
  auto least = addresses.extract(addresses.begin());
  least.key() = master_id;
  addresses.insert(std::move(least));
}

}  // namespace

std::optional<protocol::TopicRouteData> RouteTable::route_of(const std::string& topic,
                                                             bool show_acting) const {
  const auto rows = topics.find(topic);
  if (rows == topics.end()) return std::nullopt;
  protocol::TopicRouteData out;
  for (const auto& [broker_name, row] : rows->second) {
    const auto broker = brokers.find(broker_name);
    if (broker == brokers.end()) continue;
    out.queues.push_back(row);
    out.brokers.push_back(broker->second);
    if (show_acting && !topic.starts_with(member_topic_prefix)) {
      show_stand_in(out.brokers.back(), row);
    }
    for (const auto& [id, address] : broker->second.addresses)
      if (const auto servers = filter_servers.find(address); servers != filter_servers.end())
        out.filter_servers.insert(*servers);
  }
  if (out.brokers.empty()) return std::nullopt;
  return out;
}

protocol::ClusterInfo RouteTable::cluster_info() const {
  protocol::ClusterInfo out;
  out.brokers = brokers;
  for (const auto& [name, broker] : brokers) out.clusters[broker.cluster].push_back(name);
  return out;
}

protocol::BrokerMemberGroup RouteTable::members_of(const std::string& cluster,
                                                   const std::string& broker) const {
  const auto known = brokers.find(broker);
  return {cluster, broker,
          known == brokers.end() ? protocol::BrokerAddresses() : known->second.addresses};
}

protocol::TopicList RouteTable::all_topics() const {
  protocol::TopicList out;
  for (const auto& [topic, rows] : topics) out.topics.push_back(topic);
  return out;
}

protocol::TopicList RouteTable::topics_of_cluster(std::string_view cluster) const {
  const auto is_there = [&](const auto& row) {
    const auto broker = brokers.find(row.first);
    return broker != brokers.end() && broker->second.cluster == cluster;
  };
  protocol::TopicList out;
  for (const auto& [topic, rows] : topics)
    if (std::any_of(rows.begin(), rows.end(), is_there)) out.topics.push_back(topic);
  return out;
}

protocol::TopicList RouteTable::system_topics() const {
  protocol::TopicList out;
  for (const auto& [cluster, names] : cluster_info().clusters) {
    out.topics.push_back(cluster);
    out.topics.insert(out.topics.end(), names.begin(), names.end());
  }
  if (!brokers.empty()) out.broker_address = brokers.begin()->second.addresses.begin()->second;
  return out;
}

protocol::TopicList RouteTable::topics_with_flags(int32_t set, int32_t unset) const {
  protocol::TopicList out;
  for (const auto& [topic, rows] : topics) {
    const int32_t flags = rows.begin()->second.topic_sys_flag;
    if ((flags & set) == set && (flags & unset) == 0) out.topics.push_back(topic);
  }
  return out;
}

}  // namespace gantry::nameserver
