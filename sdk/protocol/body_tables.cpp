#include "protocol/body_tables.hpp"

#include "protocol/body_members.hpp"

namespace gantry::protocol {
namespace bj = boost::json;

bj::value KvTable::to_json() const {
  return bj::object{{"table", json_texts(table)}};
}

Result<KvTable> KvTable::from_json(const bj::value& json) {
  Members in(json, "table");
  KvTable kv;
  in.read("table", kv.table);
  if (!in.ok()) return in.error();
  return kv;
}

bj::value TopicList::to_json() const {
  bj::object out;
  if (!broker_address.empty()) out["brokerAddr"] = broker_address;
  out["topicList"] = json_texts(topics);
  return out;
}

Result<TopicList> TopicList::from_json(const bj::value& json) {
  Members in(json, "topic list");
  TopicList list;
  in.read("topicList", list.topics);
  in.read("brokerAddr", list.broker_address);
  if (!in.ok()) return in.error();
  return list;
}

bj::value GroupList::to_json() const {
  return bj::object{{"groupList", json_texts(groups)}};
}

Result<GroupList> GroupList::from_json(const bj::value& json) {
  Members in(json, "group list");
  GroupList list;
  in.read("groupList", list.groups);
  if (!in.ok()) return in.error();
  return list;
}

bj::value SubscriptionGroupConfig::to_json() const {
  return bj::object{{"attributes", json_texts(attributes)},
                    {"brokerId", broker_id},
                    {"consumeBroadcastEnable", consume_broadcast_enabled},
                    {"consumeEnable", consume_enabled},
                    {"consumeFromMinEnable", consume_from_min_enabled},
                    {"consumeMessageOrderly", consume_orderly},
                    {"consumeTimeoutMinute", consume_timeout_minutes},
                    {"groupName", name},
                    {"groupRetryPolicy", json_raw(retry_policy)},
                    {"groupSysFlag", group_sys_flag},
                    {"notifyConsumerIdsChangedEnable", notify_ids_changed},
                    {"retryMaxTimes", retries_max},
                    {"retryQueueNums", retry_queues},
                    {"whichBrokerWhenConsumeSlowly", slow_consumer_broker_id}};
}

Result<SubscriptionGroupConfig> SubscriptionGroupConfig::from_json(const bj::value& json) {
  Members in(json, "subscription group");
  SubscriptionGroupConfig config;
  in.read("groupName", config.name);
  in.read("consumeEnable", config.consume_enabled);
  in.read("consumeFromMinEnable", config.consume_from_min_enabled);
  in.read("consumeBroadcastEnable", config.consume_broadcast_enabled);
  in.read("consumeMessageOrderly", config.consume_orderly);
  in.read("retryQueueNums", config.retry_queues);
  in.read("retryMaxTimes", config.retries_max);
  in.read("brokerId", config.broker_id);
  in.read("whichBrokerWhenConsumeSlowly", config.slow_consumer_broker_id);
  in.read("notifyConsumerIdsChangedEnable", config.notify_ids_changed);
  in.read("groupSysFlag", config.group_sys_flag);
  in.read("consumeTimeoutMinute", config.consume_timeout_minutes);
  in.read("attributes", config.attributes);
  in.read_raw("groupRetryPolicy", config.retry_policy);
  if (!in.ok()) return in.error();
  return config;
}

}  // namespace gantry::protocol
