#include "protocol/body_clients.hpp"

#include "protocol/body_members.hpp"

namespace gantry::protocol {
namespace bj = boost::json;
namespace {

constexpr std::string_view consume_type_names[] = {"CONSUME_ACTIVELY", "CONSUME_PASSIVELY",
                                                   "CONSUME_POP"};
constexpr std::string_view message_model_names[] = {"BROADCASTING", "CLUSTERING"};
constexpr std::string_view from_where_names[] = {
    "CONSUME_FROM_LAST_OFFSET",  "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
    "CONSUME_FROM_MIN_OFFSET",   "CONSUME_FROM_MAX_OFFSET",
    "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP"};

// {"groupName":".."}, the only thing a heartbeat says of a producer.
struct ProducerData {
  std::string group;
  static Result<ProducerData> from_json(const bj::value& json) {
    Members in(json, "producer");
    ProducerData data;
    in.read("groupName", data.group);
    if (!in.ok()) return in.error();
    return data;
  }
};

}  // namespace

std::string_view consume_type_name(ConsumeType type) {
  return consume_type_names[static_cast<std::size_t>(type)];
}
std::string_view message_model_name(MessageModel model) {
  return message_model_names[static_cast<std::size_t>(model)];
}
std::string_view consume_from_where_name(ConsumeFromWhere where) {
  return from_where_names[static_cast<std::size_t>(where)];
}

bj::value SubscriptionData::to_json() const {
  bj::array hashes(codes.begin(), codes.end());
  return bj::object{{"classFilterMode", class_filter_mode},
                    {"codeSet", std::move(hashes)},
                    {"expressionType", expression_type},
                    {"subString", expression},
                    {"subVersion", version},
                    {"tagsSet", json_texts(tags)},
                    {"topic", topic}};
}

Result<SubscriptionData> SubscriptionData::from_json(const bj::value& json) {
  Members in(json, "subscription");
  SubscriptionData data;
  in.read("classFilterMode", data.class_filter_mode);
  in.read("topic", data.topic);
  in.read("subString", data.expression);
  in.read("tagsSet", data.tags);
  in.read("codeSet", data.codes);
  in.read("subVersion", data.version);
  in.read("expressionType", data.expression_type);
  if (!in.ok()) return in.error();
  return data;
}

bj::value ConsumerData::to_json() const {
  return bj::object{{"consumeFromWhere", bj::string_view(consume_from_where_name(from_where))},
                    {"consumeType", bj::string_view(consume_type_name(type))},
                    {"groupName", group},
                    {"messageModel", bj::string_view(message_model_name(model))},
                    {"subscriptionDataSet", json_list(subscriptions)},
                    {"unitMode", unit_mode}};
}

Result<ConsumerData> ConsumerData::from_json(const bj::value& json) {
  Members in(json, "consumer");
  ConsumerData data;
  in.read("groupName", data.group);
  in.read_enum("consumeType", consume_type_names, data.type);
  in.read_enum("messageModel", message_model_names, data.model);
  in.read_enum("consumeFromWhere", from_where_names, data.from_where);
  in.read_list("subscriptionDataSet", data.subscriptions);
  in.read("unitMode", data.unit_mode);
  if (!in.ok()) return in.error();
  return data;
}

bj::value HeartbeatData::to_json() const {
  bj::array producers;
  for (const auto& group : producer_groups) producers.push_back(bj::object{{"groupName", group}});
  return bj::object{{"clientID", client_id},
                    {"consumerDataSet", json_list(consumers)},
                    {"heartbeatFingerprint", fingerprint},
                    {"producerDataSet", std::move(producers)},
                    {"withoutSub", without_subscriptions}};
}

Result<HeartbeatData> HeartbeatData::from_json(const bj::value& json) {
  Members in(json, "heartbeat");
  HeartbeatData data;
  std::vector<ProducerData> producers;
  in.read("clientID", data.client_id);
  in.read_list("producerDataSet", producers);
  in.read_list("consumerDataSet", data.consumers);
  in.read("heartbeatFingerprint", data.fingerprint);
  in.read("withoutSub", data.without_subscriptions);
  if (!in.ok()) return in.error();
  for (auto& producer : producers) data.producer_groups.push_back(std::move(producer.group));
  return data;
}

bj::value ConsumerIdList::to_json() const {
  return bj::object{{"consumerIdList", json_texts(ids)}};
}

Result<ConsumerIdList> ConsumerIdList::from_json(const bj::value& json) {
  Members in(json, "consumer ids");
  ConsumerIdList list;
  in.read("consumerIdList", list.ids);
  if (!in.ok()) return in.error();
  return list;
}

bj::value CheckClientRequest::to_json() const {
  bj::object json{{"clientId", client_id}, {"group", group}};
  if (!name_space.empty()) json["namespace"] = name_space;
  if (subscription) json["subscriptionData"] = subscription->to_json();
  return json;
}

Result<CheckClientRequest> CheckClientRequest::from_json(const bj::value& json) {
  Members in(json, "client config");
  CheckClientRequest request;
  in.read("clientId", request.client_id);
  in.read("group", request.group);
  in.read("namespace", request.name_space);
  if (in.find("subscriptionData")) in.read_body("subscriptionData", request.subscription.emplace());
  if (!in.ok()) return in.error();
  return request;
}

bj::value LockBatchRequest::to_json() const {
  return bj::object{{"clientId", client_id},
                    {"consumerGroup", consumer_group},
                    {"mqSet", json_list(queues)},
                    {"onlyThisBroker", only_this_broker}};
}

Result<LockBatchRequest> LockBatchRequest::from_json(const bj::value& json) {
  Members in(json, "lock request");
  LockBatchRequest request;
  in.read("consumerGroup", request.consumer_group);
  in.read("clientId", request.client_id);
  in.read("onlyThisBroker", request.only_this_broker);
  in.read_list("mqSet", request.queues);
  if (!in.ok()) return in.error();
  return request;
}

bj::value LockBatchAnswer::to_json() const {
  return bj::object{{"lockOKMQSet", json_list(queues)}};
}

Result<LockBatchAnswer> LockBatchAnswer::from_json(const bj::value& json) {
  Members in(json, "lock answer");
  LockBatchAnswer answer;
  in.read_list("lockOKMQSet", answer.queues);
  if (!in.ok()) return in.error();
  return answer;
}

}  // namespace gantry::protocol
