// What administration asks about groups: every producer (328), one subscription (345), where
// members are (221, 223), every committed offset (43), configurations to make at once (225).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/body_clients.hpp"
#include "protocol/body_offsets.hpp"
#include "protocol/body_tables.hpp"
#include "protocol/body_topics.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

struct ProducerInfo {
  std::string client_id;
  std::string address;   // "/10.9.8.7:51000", as Java prints an address
  std::string language;  // "JAVA"
  std::int32_t version = 0;
  std::int64_t last_heard_ms = 0;

  boost::json::value to_json() const;
  static Result<ProducerInfo> from_json(const boost::json::value& json);
  friend bool operator==(const ProducerInfo&, const ProducerInfo&) = default;
};

struct ProducerTable {
  std::map<std::string, std::vector<ProducerInfo>> groups;

  boost::json::value to_json() const;
  static Result<ProducerTable> from_json(const boost::json::value& json);
  friend bool operator==(const ProducerTable&, const ProducerTable&) = default;
};

struct GroupSubscription {
  std::string group;
  std::string topic;
  std::optional<SubscriptionData> subscription;  // none: the group does not read the topic now

  boost::json::value to_json() const;
  static Result<GroupSubscription> from_json(const boost::json::value& json);
  friend bool operator==(const GroupSubscription&, const GroupSubscription&) = default;
};

// A member says where it is (221): queues. The broker collects (223): clients, by their ids. Java
// keys queues as objects: JsonStyle::legacy writes that form.
struct ConsumerStatus {
  std::map<std::string, std::map<MessageQueue, std::int64_t>> clients;
  std::map<MessageQueue, std::int64_t> queues;

  boost::json::value to_json() const;
  static Result<ConsumerStatus> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumerStatus&, const ConsumerStatus&) = default;
};

// By "topic@group", then by queue. JsonStyle::legacy writes the queues as Java does.
struct CommittedOffsets {
  DataVersion data_version;
  std::map<std::string, std::map<std::int32_t, std::int64_t>> offsets;

  boost::json::value to_json() const;
  static Result<CommittedOffsets> from_json(const boost::json::value& json);
  friend bool operator==(const CommittedOffsets&, const CommittedOffsets&) = default;
};

struct GroupConfigList {
  std::vector<SubscriptionGroupConfig> groups;

  boost::json::value to_json() const;
  static Result<GroupConfigList> from_json(const boost::json::value& json);
  friend bool operator==(const GroupConfigList&, const GroupConfigList&) = default;
};

// The list form of an offset table that C++ members are sent (220); QueueOffsetTable reads it.
std::string write_offset_list(const QueueOffsetTable& table);

}  // namespace gantry::protocol
