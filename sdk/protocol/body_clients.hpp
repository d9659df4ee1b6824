// What clients say of themselves and of each other: HeartbeatData (34), ConsumerIdList (38), locks
// (41, 42), CheckClientRequest (46).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/body_route.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

enum class ConsumeType { actively, passively, pop };
enum class MessageModel { broadcasting, clustering };
enum class ConsumeFromWhere {
  last_offset,
  last_offset_and_from_min_when_boot_first,
  min_offset,
  max_offset,
  first_offset,
  timestamp,
};
std::string_view consume_type_name(ConsumeType type);              // CONSUME_PASSIVELY ...
std::string_view message_model_name(MessageModel model);           // CLUSTERING ...
std::string_view consume_from_where_name(ConsumeFromWhere where);  // CONSUME_FROM_LAST_OFFSET ...

struct SubscriptionData {
  bool class_filter_mode = false;
  std::string topic;
  std::string expression;  // subString
  std::vector<std::string> tags;
  std::vector<std::int32_t> codes;
  std::int64_t version = 0;  // subVersion
  std::string expression_type = "TAG";

  boost::json::value to_json() const;
  static Result<SubscriptionData> from_json(const boost::json::value& json);
  friend bool operator==(const SubscriptionData&, const SubscriptionData&) = default;
};

struct ConsumerData {
  std::string group;
  ConsumeType type = ConsumeType::passively;
  MessageModel model = MessageModel::clustering;
  ConsumeFromWhere from_where = ConsumeFromWhere::last_offset;
  std::vector<SubscriptionData> subscriptions;
  bool unit_mode = false;

  boost::json::value to_json() const;
  static Result<ConsumerData> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumerData&, const ConsumerData&) = default;
};

struct HeartbeatData {
  std::string client_id;
  std::vector<std::string> producer_groups;
  std::vector<ConsumerData> consumers;
  std::int32_t fingerprint = 0;
  bool without_subscriptions = false;

  boost::json::value to_json() const;
  static Result<HeartbeatData> from_json(const boost::json::value& json);
  friend bool operator==(const HeartbeatData&, const HeartbeatData&) = default;
};

struct ConsumerIdList {
  std::vector<std::string> ids;

  boost::json::value to_json() const;
  static Result<ConsumerIdList> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumerIdList&, const ConsumerIdList&) = default;
};

// The request of 46: may this client subscribe so?
struct CheckClientRequest {
  std::string client_id;
  std::string group;
  std::string name_space;  // "namespace"
  std::optional<SubscriptionData> subscription;

  boost::json::value to_json() const;
  static Result<CheckClientRequest> from_json(const boost::json::value& json);
  friend bool operator==(const CheckClientRequest&, const CheckClientRequest&) = default;
};

// The request of 41 and 42.
struct LockBatchRequest {
  std::string consumer_group;
  std::string client_id;
  bool only_this_broker = false;
  std::vector<MessageQueue> queues;

  boost::json::value to_json() const;
  static Result<LockBatchRequest> from_json(const boost::json::value& json);
  friend bool operator==(const LockBatchRequest&, const LockBatchRequest&) = default;
};

// The answer to 41: the queues that were granted.
struct LockBatchAnswer {
  std::vector<MessageQueue> queues;

  boost::json::value to_json() const;
  static Result<LockBatchAnswer> from_json(const boost::json::value& json);
  friend bool operator==(const LockBatchAnswer&, const LockBatchAnswer&) = default;
};

}  // namespace gantry::protocol
