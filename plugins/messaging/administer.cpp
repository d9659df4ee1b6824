#include "administer.hpp"

#include "broker.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"
#include "routes.hpp"

namespace gantry::messaging {
namespace {

gantry_status lacks(const Services& services, int32_t code, gantry_token token) {
  std::string remark = protocol::not_supported_remark(code);
  for (const routes::Missing& missing : routes::missing) {
    if (missing.code != code) continue;
    remark += ": no module of this broker serves it; it is the work of ";
    remark += missing.module;
  }
  return refuse(services, token, protocol::response_code::request_code_not_supported, remark);
}

}  // namespace

gantry_status administer(Broker& broker, const gantry_call& call, const gantry_request& request,
                         gantry_token token, uint32_t why) {
  namespace code = protocol::request_code;
  switch (request.code) {
    case code::update_and_create_topic:
      return broker.topic_update.handle(call, request, token, why);
    case code::delete_topic_in_broker:
      return broker.topic_tables.remove(call, request, token, why);
    case code::get_all_topic_config:
      return broker.topic_tables.list(request, token);
    case code::get_topic_config:
      return broker.topic_tables.one(call, request, token);
    case code::get_system_topic_list_from_broker:
      return broker.topic_tables.system(token);
    case code::get_topic_stats_info:
      return broker.topic_tables.bounds(call, request, token);
    case code::update_and_create_subscriptiongroup:
      return broker.groups.update(call, request, token, why);
    case code::update_and_create_subscriptiongroup_list:
      return broker.groups.update_list(call, request, token, why);
    case code::delete_subscriptiongroup:
      return broker.groups.remove(call, request, token, why);
    case code::get_subscriptiongroup_config:
      return broker.groups.one(call, request, token, why);
    case code::get_all_subscriptiongroup_config:
      return broker.groups.list(request, token);
    case code::get_consumer_connection_list:
      return broker.connections.consumers(request, token);
    case code::get_producer_connection_list:
      return broker.connections.producers(request, token);
    case code::get_all_producer_info:
      return broker.connections.all_producers(token);
    case code::query_topic_consume_by_who:
      return broker.connections.groups_on_topic(request, token);
    case code::query_topics_by_consumer:
      return broker.connections.topics_of_group(request, token);
    case code::query_subscription_by_consumer:
      return broker.connections.subscription(request, token);
    case code::get_consume_stats:
      return broker.progress.handle(request, token);
    case code::invoke_broker_to_reset_offset:
      return broker.moving.reset(call, request, token);
    case code::clone_group_offset:
      return broker.moving.clone(call, request, token);
    case code::get_all_consumer_offset:
      return broker.moving.list(token);
    case code::invoke_broker_to_get_consumer_status:
      return broker.relay.status(request, token);
    case code::get_consumer_running_info:
      return broker.relay.running_info(request, token);
    case code::consume_message_directly:
      return broker.relay.consume_directly(request, token);
    default:
      return lacks(broker.services, request.code, token);
  }
}

}  // namespace gantry::messaging
