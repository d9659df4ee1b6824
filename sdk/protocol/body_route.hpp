// Where topics live: MessageQueue, TopicRouteData (105, 217), ClusterInfo (106).
// Broker ids are numbers in the maps: JsonStyle::legacy writes them without quotes.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace gantry::protocol {

struct MessageQueue {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;

  boost::json::value to_json() const;
  static Result<MessageQueue> from_json(const boost::json::value& json);
  // As key of a map: {"brokerName":"b","queueId":0,"topic":"t"}; write_json's legacy style leaves
  // it unquoted.
  std::string json_key() const;
  static Result<MessageQueue> from_json_key(std::string_view key);
  friend auto operator<=>(const MessageQueue&, const MessageQueue&) = default;
};

// broker id (0 is the master) -> address
using BrokerAddresses = std::map<std::int64_t, std::string>;

struct QueueData {
  std::string broker_name;
  std::int32_t read_queues = 0;
  std::int32_t write_queues = 0;
  std::int32_t perm = 0;
  std::int32_t topic_sys_flag = 0;

  boost::json::value to_json() const;
  static Result<QueueData> from_json(const boost::json::value& json);
  friend bool operator==(const QueueData&, const QueueData&) = default;
};

struct BrokerData {
  std::string cluster;
  std::string broker_name;
  BrokerAddresses addresses;
  std::string zone_name;  // empty: not written
  bool acting_master = false;

  boost::json::value to_json() const;
  static Result<BrokerData> from_json(const boost::json::value& json);
  friend bool operator==(const BrokerData&, const BrokerData&) = default;
};

struct TopicRouteData {
  std::string order_topic_conf;  // "broker-a:4;broker-b:4"; empty: not written
  std::vector<QueueData> queues;
  std::vector<BrokerData> brokers;
  std::map<std::string, std::vector<std::string>> filter_servers;

  boost::json::value to_json() const;
  static Result<TopicRouteData> from_json(const boost::json::value& json);
  friend bool operator==(const TopicRouteData&, const TopicRouteData&) = default;
};

struct ClusterInfo {
  std::map<std::string, BrokerData> brokers;
  std::map<std::string, std::vector<std::string>> clusters;  // cluster -> broker names

  boost::json::value to_json() const;
  static Result<ClusterInfo> from_json(const boost::json::value& json);
  friend bool operator==(const ClusterInfo&, const ClusterInfo&) = default;
};

// 901: one broker name's members; the body is {"brokerMemberGroup":{..}}.
struct BrokerMemberGroup {
  std::string cluster;
  std::string broker_name;
  BrokerAddresses addresses;

  boost::json::value to_json() const;
  static Result<BrokerMemberGroup> from_json(const boost::json::value& json);
  friend bool operator==(const BrokerMemberGroup&, const BrokerMemberGroup&) = default;
};

}  // namespace gantry::protocol
