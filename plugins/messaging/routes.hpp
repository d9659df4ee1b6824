// The codes this module serves, and what access each needs.
#pragma once

#include <array>

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

struct Pointers {
  const gantry_route* each[std::size(table)];
};
constexpr Pointers pointers = [] {
  Pointers made{};
  for (size_t i = 0; i < std::size(table); ++i) made.each[i] = &table[i];
  return made;
}();

}  // namespace gantry::messaging::routes
