#include "administer.hpp"

#include "fields.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;
namespace topic_flag = protocol::topic_flag;

protocol::TopicList topics_for(const RouteTable& table, const gantry_request& request) {
  switch (request.code) {
    case request_code::get_all_topic_list_from_nameserver:
      return table.all_topics();
    case request_code::get_topics_by_cluster:
      return table.topics_of_cluster(required(request, "cluster"));
    case request_code::get_system_topic_list_from_ns:
      return table.system_topics();
    case request_code::get_unit_topic_list:
      return table.topics_with_flags(topic_flag::unit, 0);
    case request_code::get_has_unit_sub_topic_list:
      return table.topics_with_flags(topic_flag::unit_subscription, 0);
    default:
      return table.topics_with_flags(topic_flag::unit_subscription, topic_flag::unit);
  }
}

std::string no_item(const std::string& name_space) {
  return "No config item, Namespace: " + name_space;
}

}  // namespace

gantry_status Administration::handle(const gantry_call& call, const gantry_request& request,
                                     gantry_token token) {
  switch (request.code) {
    case request_code::put_kv_config:
    case request_code::delete_kv_config:
      return change_kv(call, request, token);
    case request_code::get_kv_config:
      return answer_kv(request, token);
    case request_code::get_kvlist_by_namespace:
      return answer_kv_list(request, token);
    case request_code::wipe_write_perm_of_broker:
    case request_code::add_write_perm_of_broker:
      return set_writable(request, token);
    case request_code::delete_topic_in_namesrv: {
      const std::string topic = required(request, "topic");
      routes_.delete_topic(topic, field(request, "clusterName").value_or(""));
      host_.info("an operator took the topic " + topic + " out of the routes");
      return reply_.empty(token);
    }
    case request_code::register_topic_in_namesrv:
      return register_topic(request, token);
    case request_code::broker_heartbeat:
      routes_.heard(required(request, "clusterName"), required(request, "brokerAddr"),
                    static_cast<int64_t>(call.now_ns / 1'000'000));
      return reply_.empty(token);
    case request_code::get_broker_member_group: {
      const auto members = routes_.table()->members_of(required(request, "clusterName"),
                                                       required(request, "brokerName"));
      return reply_.body(token, protocol::write_body(members, protocol::JsonStyle::legacy));
    }
    default:
      return answer_list(request, token);
  }
}

gantry_status Administration::change_kv(const gantry_call& call, const gantry_request& request,
                                        gantry_token token) {
  KvChange change{required(request, "namespace"), required(request, "key"), std::nullopt};
  if (request.code == request_code::put_kv_config) {
    change.value = field(request, "value");
    if (!change.value) refuse("the field value is missing");
  }
  kv_.change(call, std::move(change), [this, token](gantry_status status, std::string_view reason) {
    if (status == GANTRY_OK)
      reply_.empty(token);
    else
      reply_.error(token, response_code::system_error, reason);
  });
  return GANTRY_PENDING;
}

gantry_status Administration::answer_kv(const gantry_request& request, gantry_token token) {
  const std::string name_space = required(request, "namespace");
  const std::string key = required(request, "key");
  const auto value = kv_.value(name_space, key);
  if (!value)
    return reply_.error(token, response_code::query_not_found,
                        no_item(name_space) + " Key: " + key);
  const gantry_property fields[] = {{sdk::str("value"), sdk::str(*value)}};
  return reply_.fields(token, fields);
}

gantry_status Administration::answer_kv_list(const gantry_request& request, gantry_token token) {
  const std::string name_space = required(request, "namespace");
  const auto values = kv_.values(name_space);
  if (!values) return reply_.error(token, response_code::query_not_found, no_item(name_space));
  const protocol::KvTable table{{values->begin(), values->end()}};
  return reply_.body(token, protocol::write_body(table));
}

gantry_status Administration::answer_list(const gantry_request& request, gantry_token token) {
  return reply_.body(token, protocol::write_body(topics_for(*routes_.table(), request)));
}

gantry_status Administration::set_writable(const gantry_request& request, gantry_token token) {
  const std::string broker = required(request, "brokerName");
  const bool writable = request.code == request_code::add_write_perm_of_broker;
  const std::string topics = std::to_string(routes_.set_writable(broker, writable));
  host_.info("an operator " +
             std::string(writable ? "lets clients write to " : "keeps writes from ") + topics +
             " topics of " + broker);
  const gantry_property fields[] = {
      {sdk::str(writable ? "addTopicCount" : "wipeTopicCount"), sdk::str(topics)}};
  return reply_.fields(token, fields);
}

// As RocketMQ: what names no living broker is not taken, and the answer is the same.
gantry_status Administration::register_topic(const gantry_request& request, gantry_token token) {
  const std::string topic = required(request, "topic");
  const protocol::TopicRouteData route = read_topic_route(request);
  const auto stranger = routes_.register_topic(topic, route.queues);
  if (stranger)
    host_.warn("the topic " + topic + " was registered for the broker " + *stranger +
               ", which does not live here: ignored");
  return reply_.empty(token);
}

}  // namespace gantry::nameserver
