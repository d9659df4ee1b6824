// Small lists and tables many admin codes answer with: KvTable (28, 103, 219), TopicList (206, 305,
// ...), GroupList (300), and the configuration of a subscription group (200, 201, 352).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace gantry::protocol {

struct KvTable {
  std::map<std::string, std::string> table;

  boost::json::value to_json() const;
  static Result<KvTable> from_json(const boost::json::value& json);
  friend bool operator==(const KvTable&, const KvTable&) = default;
};

struct TopicList {
  std::vector<std::string> topics;
  std::string broker_address;  // empty: not written

  boost::json::value to_json() const;
  static Result<TopicList> from_json(const boost::json::value& json);
  friend bool operator==(const TopicList&, const TopicList&) = default;
};

struct GroupList {
  std::vector<std::string> groups;

  boost::json::value to_json() const;
  static Result<GroupList> from_json(const boost::json::value& json);
  friend bool operator==(const GroupList&, const GroupList&) = default;
};

struct SubscriptionGroupConfig {
  std::string name;
  bool consume_enabled = true;
  bool consume_from_min_enabled = true;
  bool consume_broadcast_enabled = true;
  bool consume_orderly = false;
  std::int32_t retry_queues = 1;
  std::int32_t retries_max = 16;
  std::int64_t broker_id = 0;
  std::int64_t slow_consumer_broker_id = 1;
  bool notify_ids_changed = true;
  std::int32_t group_sys_flag = 0;
  std::int32_t consume_timeout_minutes = 15;
  std::map<std::string, std::string> attributes;
  std::string retry_policy = R"({"type":"CUSTOMIZED"})";  // JSON, carried as it is

  boost::json::value to_json() const;
  static Result<SubscriptionGroupConfig> from_json(const boost::json::value& json);
  friend bool operator==(const SubscriptionGroupConfig&, const SubscriptionGroupConfig&) = default;
};

}  // namespace gantry::protocol
