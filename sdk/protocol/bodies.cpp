#include "protocol/bodies.hpp"

#include <boost/json/value.hpp>

namespace gantry::protocol::detail {

template <class Body>
Result<Body> BodyText<Body>::read(std::string_view text, const JsonLimits& limits) {
  const auto json = read_json(text, limits);
  if (!json) return json.error();
  return Body::from_json(*json);
}

template <class Body>
std::string BodyText<Body>::write(const Body& body, JsonStyle style) {
  return write_json(body.to_json(), style);
}

template struct BodyText<MessageQueue>;
template struct BodyText<TopicRouteData>;
template struct BodyText<ClusterInfo>;
template struct BodyText<BrokerMemberGroup>;
template struct BodyText<DataVersion>;
template struct BodyText<TopicConfig>;
template struct BodyText<TopicConfigTable>;
template struct BodyText<RegisterBrokerBody>;
template struct BodyText<SubscriptionData>;
template struct BodyText<ConsumerData>;
template struct BodyText<HeartbeatData>;
template struct BodyText<ConsumerIdList>;
template struct BodyText<CheckClientRequest>;
template struct BodyText<LockBatchRequest>;
template struct BodyText<LockBatchAnswer>;
template struct BodyText<KvTable>;
template struct BodyText<TopicList>;
template struct BodyText<GroupList>;
template struct BodyText<SubscriptionGroupConfig>;
template struct BodyText<TopicStatsTable>;
template struct BodyText<ConsumeStats>;
template struct BodyText<QueueOffsetTable>;
template struct BodyText<ConsumerConnection>;
template struct BodyText<ProducerConnection>;
template struct BodyText<SubscriptionGroupTable>;
template struct BodyText<ProducerTable>;
template struct BodyText<GroupSubscription>;
template struct BodyText<ConsumerStatus>;
template struct BodyText<CommittedOffsets>;
template struct BodyText<GroupConfigList>;
template struct BodyText<ConsumerRunningInfo>;
template struct BodyText<ConsumeDirectlyResult>;

}  // namespace gantry::protocol::detail
