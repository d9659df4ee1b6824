// RouteTable: which brokers live and which topics they serve, as clients and tools see it. A value;
// never changed once Routes has published it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/body_route.hpp"
#include "protocol/body_tables.hpp"

namespace gantry::nameserver {

struct RouteTable {
  using TopicRows = std::map<std::string, protocol::QueueData>;  // broker name -> its queues
  std::map<std::string, TopicRows> topics;
  std::map<std::string, protocol::BrokerData> brokers;             // by name
  std::map<std::string, std::vector<std::string>> filter_servers;  // by broker address

  // show_acting: a slave that stands in for a lost master is shown as the master, so that clients
  // read from it (namesrv: supportActingMaster).
  std::optional<protocol::TopicRouteData> route_of(const std::string& topic,
                                                   bool show_acting = false) const;
  protocol::ClusterInfo cluster_info() const;
  protocol::BrokerMemberGroup members_of(const std::string& cluster,
                                         const std::string& broker) const;

  // What tools list. A topic's flags are those of its first broker.
  protocol::TopicList all_topics() const;
  protocol::TopicList topics_of_cluster(std::string_view cluster) const;
  protocol::TopicList system_topics() const;  // names of clusters and brokers, and who knows more
  protocol::TopicList topics_with_flags(int32_t set, int32_t unset) const;
};

}  // namespace gantry::nameserver
