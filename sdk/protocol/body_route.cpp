#include "protocol/body_route.hpp"

#include "protocol/body_members.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace bj = boost::json;

bj::value MessageQueue::to_json() const {
  return bj::object{{"brokerName", broker_name}, {"queueId", queue_id}, {"topic", topic}};
}

Result<MessageQueue> MessageQueue::from_json(const bj::value& json) {
  Members in(json, "message queue");
  MessageQueue queue;
  in.read("topic", queue.topic);
  in.read("brokerName", queue.broker_name);
  in.read("queueId", queue.queue_id);
  if (!in.ok()) return in.error();
  return queue;
}

std::string MessageQueue::json_key() const {
  return canonical_json(to_json());
}

Result<MessageQueue> MessageQueue::from_json_key(std::string_view key) {
  const auto json = read_json_key(key);
  if (!json) return json.error();
  return from_json(*json);
}

bj::value QueueData::to_json() const {
  return bj::object{{"brokerName", broker_name},
                    {"perm", perm},
                    {"readQueueNums", read_queues},
                    {"topicSysFlag", topic_sys_flag},
                    {"writeQueueNums", write_queues}};
}

Result<QueueData> QueueData::from_json(const bj::value& json) {
  Members in(json, "queue data");
  QueueData data;
  in.read("brokerName", data.broker_name);
  in.read("readQueueNums", data.read_queues);
  in.read("writeQueueNums", data.write_queues);
  in.read("perm", data.perm);
  in.read("topicSysFlag", data.topic_sys_flag);
  if (!in.ok()) return in.error();
  return data;
}

bj::value BrokerData::to_json() const {
  bj::object out{{"brokerAddrs", json_texts(addresses)},
                 {"brokerName", broker_name},
                 {"cluster", cluster},
                 {"enableActingMaster", acting_master}};
  if (!zone_name.empty()) out["zoneName"] = zone_name;
  return out;
}

Result<BrokerData> BrokerData::from_json(const bj::value& json) {
  Members in(json, "broker data");
  BrokerData data;
  in.read("cluster", data.cluster);
  in.read("brokerName", data.broker_name);
  in.read("brokerAddrs", data.addresses);
  in.read("zoneName", data.zone_name);
  in.read("enableActingMaster", data.acting_master);
  if (!in.ok()) return in.error();
  return data;
}

bj::value TopicRouteData::to_json() const {
  bj::object out{{"brokerDatas", json_list(brokers)},
                 {"filterServerTable", json_texts(filter_servers)}};
  if (!order_topic_conf.empty()) out["orderTopicConf"] = order_topic_conf;
  out["queueDatas"] = json_list(queues);
  return out;
}

Result<TopicRouteData> TopicRouteData::from_json(const bj::value& json) {
  Members in(json, "topic route");
  TopicRouteData route;
  in.read("orderTopicConf", route.order_topic_conf);
  in.read_list("queueDatas", route.queues);
  in.read_list("brokerDatas", route.brokers);
  in.read("filterServerTable", route.filter_servers);
  if (!in.ok()) return in.error();
  return route;
}

bj::value ClusterInfo::to_json() const {
  return bj::object{{"brokerAddrTable", json_map(brokers)},
                    {"clusterAddrTable", json_texts(clusters)}};
}

Result<ClusterInfo> ClusterInfo::from_json(const bj::value& json) {
  Members in(json, "cluster info");
  ClusterInfo info;
  in.read_map("brokerAddrTable", info.brokers);
  in.read("clusterAddrTable", info.clusters);
  if (!in.ok()) return in.error();
  return info;
}

bj::value BrokerMemberGroup::to_json() const {
  return bj::object{{"brokerMemberGroup", bj::object{{"brokerAddrs", json_texts(addresses)},
                                                     {"brokerName", broker_name},
                                                     {"cluster", cluster}}}};
}

Result<BrokerMemberGroup> BrokerMemberGroup::from_json(const bj::value& json) {
  Members outer(json, "broker member group body");
  const auto* inner = outer.find("brokerMemberGroup");
  BrokerMemberGroup group;
  if (!outer.ok()) return outer.error();
  if (!inner) return group;
  Members in(*inner, "broker member group");
  in.read("cluster", group.cluster);
  in.read("brokerName", group.broker_name);
  in.read("brokerAddrs", group.addresses);
  if (!in.ok()) return in.error();
  return group;
}

}  // namespace gantry::protocol
