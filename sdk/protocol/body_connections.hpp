// Who is connected: ConsumerConnection (203), ProducerConnection (204); and the groups' table of a
// broker (201).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/body_clients.hpp"
#include "protocol/body_tables.hpp"
#include "protocol/body_topics.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

struct ClientConnection {
  std::string client_id;
  std::string address;  // ip:port
  std::string language;  // "JAVA"
  std::int32_t version = 0;

  boost::json::value to_json() const;
  static Result<ClientConnection> from_json(const boost::json::value& json);
  friend bool operator==(const ClientConnection&, const ClientConnection&) = default;
};

struct ConsumerConnection {
  std::vector<ClientConnection> connections;
  ConsumeType type = ConsumeType::passively;
  MessageModel model = MessageModel::clustering;
  ConsumeFromWhere from_where = ConsumeFromWhere::last_offset;
  std::map<std::string, SubscriptionData> subscriptions;  // by topic

  boost::json::value to_json() const;
  static Result<ConsumerConnection> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumerConnection&, const ConsumerConnection&) = default;
};

struct ProducerConnection {
  std::vector<ClientConnection> connections;

  boost::json::value to_json() const;
  static Result<ProducerConnection> from_json(const boost::json::value& json);
  friend bool operator==(const ProducerConnection&, const ProducerConnection&) = default;
};

struct SubscriptionGroupTable {
  DataVersion data_version;
  std::map<std::string, SubscriptionGroupConfig> groups;
  std::string forbidden = "{}";  // forbiddenTable, JSON carried as it is

  boost::json::value to_json() const;
  static Result<SubscriptionGroupTable> from_json(const boost::json::value& json);
  friend bool operator==(const SubscriptionGroupTable&, const SubscriptionGroupTable&) = default;
};

}  // namespace gantry::protocol
