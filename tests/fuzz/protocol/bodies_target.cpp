#include <boost/json/value.hpp>
#include <limits>

#include "body_kinds.hpp"
#include "check.hpp"
#include "protocol/bodies.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {
namespace {

// Escapes, copies and keys that are objects again take more than they took.
JsonLimits roomy() {
  JsonLimits limits;
  limits.bytes_max = std::numeric_limits<std::size_t>::max();
  limits.depth_max = 2 * limits.depth_max;
  return limits;
}

template <class Body>
BodyRead check_body(const boost::json::value& json) {
  const auto body = Body::from_json(json);
  if (!body) {
    check(!body.error().text.empty());
    return BodyRead::refused;
  }
  for (const auto style : {JsonStyle::standard, JsonStyle::standard_escaped, JsonStyle::legacy}) {
    const auto written = read_json(write_json(body->to_json(), style), roomy());
    check(written.has_value());
    const auto again = Body::from_json(*written);
    check(again.has_value() && *again == *body);
  }
  return *body == Body{} ? BodyRead::defaults : BodyRead::members;
}

constexpr BodyKind kinds[] = {
    {"MessageQueue", check_body<MessageQueue>},
    {"QueueData", check_body<QueueData>},
    {"BrokerData", check_body<BrokerData>},
    {"TopicRouteData", check_body<TopicRouteData>},
    {"ClusterInfo", check_body<ClusterInfo>},
    {"BrokerMemberGroup", check_body<BrokerMemberGroup>},
    {"DataVersion", check_body<DataVersion>},
    {"TopicConfig", check_body<TopicConfig>},
    {"TopicConfigTable", check_body<TopicConfigTable>},
    {"RegisterBrokerBody", check_body<RegisterBrokerBody>},
    {"SubscriptionData", check_body<SubscriptionData>},
    {"ConsumerData", check_body<ConsumerData>},
    {"HeartbeatData", check_body<HeartbeatData>},
    {"ConsumerIdList", check_body<ConsumerIdList>},
    {"CheckClientRequest", check_body<CheckClientRequest>},
    {"LockBatchRequest", check_body<LockBatchRequest>},
    {"LockBatchAnswer", check_body<LockBatchAnswer>},
    {"KvTable", check_body<KvTable>},
    {"TopicList", check_body<TopicList>},
    {"GroupList", check_body<GroupList>},
    {"SubscriptionGroupConfig", check_body<SubscriptionGroupConfig>},
    {"QueueBounds", check_body<QueueBounds>},
    {"TopicStatsTable", check_body<TopicStatsTable>},
    {"ConsumeOffsets", check_body<ConsumeOffsets>},
    {"ConsumeStats", check_body<ConsumeStats>},
    {"QueueOffsetTable", check_body<QueueOffsetTable>},
    {"ClientConnection", check_body<ClientConnection>},
    {"ConsumerConnection", check_body<ConsumerConnection>},
    {"ProducerConnection", check_body<ProducerConnection>},
    {"SubscriptionGroupTable", check_body<SubscriptionGroupTable>},
    {"ProducerInfo", check_body<ProducerInfo>},
    {"ProducerTable", check_body<ProducerTable>},
    {"GroupSubscription", check_body<GroupSubscription>},
    {"ConsumerStatus", check_body<ConsumerStatus>},
    {"CommittedOffsets", check_body<CommittedOffsets>},
    {"GroupConfigList", check_body<GroupConfigList>},
    {"ProcessQueueInfo", check_body<ProcessQueueInfo>},
    {"ConsumerRunningInfo", check_body<ConsumerRunningInfo>},
    {"ConsumeDirectlyResult", check_body<ConsumeDirectlyResult>},
};

// The key that a queue is in Java's tables.
void check_queue_key(std::string_view key) {
  const auto queue = MessageQueue::from_json_key(key);
  if (!queue) return check(!queue.error().text.empty());
  const auto again = MessageQueue::from_json_key(queue->json_key());
  check(again.has_value() && *again == *queue);
}

// The form that C++ members are sent is read as the table it was written from.
void check_offset_list(const boost::json::value& json) {
  const auto table = QueueOffsetTable::from_json(json);
  if (!table) return;
  const auto list = read_json(write_offset_list(*table), roomy());
  check(list.has_value());
  const auto again = QueueOffsetTable::from_json(*list);
  check(again.has_value() && *again == *table);
}

}  // namespace

std::span<const BodyKind> body_kinds() {
  return kinds;
}

int bodies(std::string_view bytes) {
  check_queue_key(bytes);
  const auto json = read_json(bytes);
  if (!json) return 0;
  for (const BodyKind& kind : kinds) kind.check(*json);
  check_offset_list(*json);
  return 0;
}

}  // namespace gantry::protocol::fuzz
