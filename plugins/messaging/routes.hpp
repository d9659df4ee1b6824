// The codes this module serves, and what access each needs.
#pragma once

#include <array>
#include <string_view>

#include "cpp/capabilities.hpp"
#include "protocol/codes.hpp"

namespace gantry::messaging::routes {

namespace code = protocol::request_code;

constexpr gantry_resource send_v1[] = {{"topic", GANTRY_RESOURCE_TOPIC, GANTRY_ACTION_PUB}};
constexpr gantry_resource send_v2[] = {{"b", GANTRY_RESOURCE_TOPIC, GANTRY_ACTION_PUB}};
constexpr gantry_resource consume[] = {{"topic", GANTRY_RESOURCE_TOPIC, GANTRY_ACTION_SUB},
                                       {"consumerGroup", GANTRY_RESOURCE_GROUP, GANTRY_ACTION_SUB}};
constexpr gantry_resource read[] = {{"topic", GANTRY_RESOURCE_TOPIC, GANTRY_ACTION_GET}};
constexpr gantry_resource group_read[] = {{"group", GANTRY_RESOURCE_GROUP, GANTRY_ACTION_GET}};
constexpr gantry_resource consumer_group_read[] = {
    {"consumerGroup", GANTRY_RESOURCE_GROUP, GANTRY_ACTION_GET}};

constexpr gantry_route table[] = {
    sdk::route(code::send_message, send_v1),
    sdk::route(code::send_message_v2, send_v2),
    sdk::route(code::send_batch_message, send_v2),
    sdk::route(code::send_reply_message, send_v1),
    sdk::route(code::send_reply_message_v2, send_v2),
    sdk::route(code::pull_message, consume),
    sdk::route(code::lite_pull_message, consume),
    sdk::route(code::query_consumer_offset, consume),
    sdk::route(code::update_consumer_offset, consume),
    sdk::route(code::get_max_offset, read),
    sdk::route(code::get_min_offset, read),
    sdk::route(code::query_message, read),
    // By place, so of any topic; RocketMQ's clients don't say which.
    sdk::route(code::view_message_by_id, GANTRY_ACCESS_SELF),
    sdk::route(code::search_offset_by_timestamp, read),
    sdk::route(code::get_earliest_msg_storetime, read),
    sdk::route(code::heart_beat, GANTRY_ACCESS_SELF),
    sdk::route(code::unregister_client, GANTRY_ACCESS_SELF),
    sdk::route(code::get_consumer_list_by_group, GANTRY_ACCESS_SELF),
    sdk::route(code::check_client_config, GANTRY_ACCESS_SELF),
    sdk::route(code::lock_batch_mq, GANTRY_ACCESS_SELF),
    sdk::route(code::unlock_batch_mq, GANTRY_ACCESS_SELF),
    // of operators and tools
    sdk::route(code::update_and_create_topic, GANTRY_ACCESS_ADMIN),
    sdk::route(code::delete_topic_in_broker, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_all_topic_config, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_topic_config, read),
    sdk::route(code::get_system_topic_list_from_broker, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_topic_stats_info, read),
    sdk::route(code::update_and_create_subscriptiongroup, GANTRY_ACCESS_ADMIN),
    sdk::route(code::update_and_create_subscriptiongroup_list, GANTRY_ACCESS_ADMIN),
    sdk::route(code::delete_subscriptiongroup, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_subscriptiongroup_config, group_read),
    sdk::route(code::get_all_subscriptiongroup_config, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_consumer_connection_list, consumer_group_read),
    sdk::route(code::get_producer_connection_list, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_all_producer_info, GANTRY_ACCESS_ADMIN),
    sdk::route(code::query_topic_consume_by_who, read),
    sdk::route(code::query_topics_by_consumer, group_read),
    sdk::route(code::query_subscription_by_consumer, group_read),
    sdk::route(code::get_consume_stats, consumer_group_read),
    sdk::route(code::invoke_broker_to_reset_offset, GANTRY_ACCESS_ADMIN),
    sdk::route(code::clone_group_offset, GANTRY_ACCESS_ADMIN),
    sdk::route(code::get_all_consumer_offset, GANTRY_ACCESS_ADMIN),
    sdk::route(code::invoke_broker_to_get_consumer_status, group_read),
    sdk::route(code::get_consumer_running_info, consumer_group_read),
    sdk::route(code::consume_message_directly, GANTRY_ACCESS_ADMIN),
};

// What clients may expect of a broker and this one serves only with another module: refused here by
// a remark that names it, until an instance of the door serves it.
struct Missing {
  int32_t code;
  std::string_view module;
};
constexpr Missing missing[] = {
    {code::consumer_send_msg_back, "delay_scheduler"},
    {code::end_transaction, "transaction_checker"},
    {code::recall_message, "delay_scheduler"},
    {code::query_assignment, "pop"},
    {code::set_message_request_mode, "pop"},
    {code::pop_message, "pop"},
    {code::ack_message, "pop"},
    {code::batch_ack_message, "pop"},
    {code::change_message_invisibletime, "pop"},
    {code::notification, "pop"},
};
constexpr auto refusals = [] {
  std::array<gantry_route, std::size(missing)> made{};
  for (size_t i = 0; i < made.size(); ++i) {
    made[i] = sdk::fallback_route(missing[i].code, GANTRY_ACCESS_NONE);
  }
  return made;
}();

struct Pointers {
  const gantry_route* each[std::size(table) + std::size(refusals)];
};
constexpr Pointers pointers = [] {
  Pointers made{};
  size_t count = 0;
  for (const gantry_route& route : table) made.each[count++] = &route;
  for (const gantry_route& route : refusals) made.each[count++] = &route;
  return made;
}();

}  // namespace gantry::messaging::routes
