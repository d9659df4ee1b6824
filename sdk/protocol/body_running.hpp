// What a consumer says of itself when it is asked: ConsumerRunningInfo (307),
// ConsumeDirectlyResult (309).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/body_clients.hpp"
#include "protocol/body_route.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

// Names among ConsumerRunningInfo::properties that tools read.
namespace running {
inline constexpr std::string_view nameservers = "PROP_NAMESERVER_ADDR";  // each with a ';' behind
inline constexpr std::string_view threads = "PROP_THREADPOOL_CORE_SIZE";
inline constexpr std::string_view orderly = "PROP_CONSUMEORDERLY";
inline constexpr std::string_view type = "PROP_CONSUME_TYPE";
inline constexpr std::string_view client_version = "PROP_CLIENT_VERSION";
inline constexpr std::string_view started_ms = "PROP_CONSUMER_START_TIMESTAMP";
}  // namespace running

// A consumer's queue. Cached is what came and is not consumed; offsets are 0 if nothing is.
struct ProcessQueueInfo {
  std::int64_t commit_offset = 0;
  std::int64_t cached_min_offset = 0;
  std::int64_t cached_max_offset = 0;
  std::int32_t cached_messages = 0;
  std::int32_t cached_mib = 0;
  bool locked = false;
  std::int64_t last_lock_ms = 0;
  bool dropped = false;  // it is another member's by now
  std::int64_t last_pull_ms = 0;
  std::int64_t last_consume_ms = 0;

  boost::json::value to_json() const;
  static Result<ProcessQueueInfo> from_json(const boost::json::value& json);
  friend bool operator==(const ProcessQueueInfo&, const ProcessQueueInfo&) = default;
};

struct ConsumerRunningInfo {
  std::map<std::string, std::string> properties;
  std::vector<SubscriptionData> subscriptions;
  std::map<MessageQueue, ProcessQueueInfo> queues;  // mqTable
  // JSON carried as it is: rates by topic, queues consumed by pop, what the application adds.
  std::string rates = "{}";        // statusTable
  std::string pop_queues = "{}";   // mqPopTable
  std::string application = "{}";  // userConsumerInfo
  std::string stacks = {};         // jstack

  boost::json::value to_json() const;
  static Result<ConsumerRunningInfo> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumerRunningInfo&, const ConsumerRunningInfo&) = default;
};

enum class ConsumeDirectly { success, later, rollback, commit, threw, returned_null };
std::string_view consume_directly_name(ConsumeDirectly result);  // CR_SUCCESS ...

struct ConsumeDirectlyResult {
  bool order = false;
  bool auto_commit = true;
  ConsumeDirectly result = ConsumeDirectly::success;
  std::string remark = {};
  std::int64_t spent_ms = 0;

  boost::json::value to_json() const;
  static Result<ConsumeDirectlyResult> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumeDirectlyResult&, const ConsumeDirectlyResult&) = default;
};

}  // namespace gantry::protocol
