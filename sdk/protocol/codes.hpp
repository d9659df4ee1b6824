// Numbers of the protocol: request and response codes, flag bits, permissions, languages, versions.
// Codes are plain 32-bit integers that a switch and gantry_route.code take as they are
// (remoting: RequestCode, ResponseCode; common: MessageSysFlag, PermName, MQVersion).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::protocol {

// Every code somebody serves; codes RocketMQ names but nobody answers are left out (answer 3).
namespace request_code {
enum Value : std::int32_t {
  send_message = 10,
  pull_message = 11,
  query_message = 12,
  query_consumer_offset = 14,
  update_consumer_offset = 15,
  update_and_create_topic = 17,
  update_and_create_topic_list = 18,
  get_all_topic_config = 21,
  update_broker_config = 25,
  get_broker_config = 26,
  get_broker_runtime_info = 28,
  search_offset_by_timestamp = 29,
  get_max_offset = 30,
  get_min_offset = 31,
  get_earliest_msg_storetime = 32,
  view_message_by_id = 33,
  heart_beat = 34,
  unregister_client = 35,
  consumer_send_msg_back = 36,
  end_transaction = 37,
  get_consumer_list_by_group = 38,
  check_transaction_state = 39,
  notify_consumer_ids_changed = 40,
  lock_batch_mq = 41,
  unlock_batch_mq = 42,
  get_all_consumer_offset = 43,
  get_all_delay_offset = 45,
  check_client_config = 46,
  get_timer_check_point = 60,
  get_timer_metrics = 61,
  put_kv_config = 100,
  get_kv_config = 101,
  delete_kv_config = 102,
  register_broker = 103,
  unregister_broker = 104,
  get_routeinfo_by_topic = 105,
  get_broker_cluster_info = 106,
  update_and_create_subscriptiongroup = 200,
  get_all_subscriptiongroup_config = 201,
  get_topic_stats_info = 202,
  get_consumer_connection_list = 203,
  get_producer_connection_list = 204,
  wipe_write_perm_of_broker = 205,
  get_all_topic_list_from_nameserver = 206,
  delete_subscriptiongroup = 207,
  get_consume_stats = 208,
  delete_topic_in_broker = 215,
  delete_topic_in_namesrv = 216,
  register_topic_in_namesrv = 217,
  get_kvlist_by_namespace = 219,
  reset_consumer_client_offset = 220,
  get_consumer_status_from_client = 221,
  invoke_broker_to_reset_offset = 222,
  invoke_broker_to_get_consumer_status = 223,
  get_topics_by_cluster = 224,
  update_and_create_subscriptiongroup_list = 225,
  query_topic_consume_by_who = 300,
  query_consume_time_span = 303,
  get_system_topic_list_from_ns = 304,
  get_system_topic_list_from_broker = 305,
  clean_expired_consumequeue = 306,
  get_consumer_running_info = 307,
  query_correction_offset = 308,
  consume_message_directly = 309,
  send_message_v2 = 310,
  get_unit_topic_list = 311,
  get_has_unit_sub_topic_list = 312,
  get_has_unit_sub_ununit_topic_list = 313,
  clone_group_offset = 314,
  view_broker_stats_data = 315,
  clean_unused_topic = 316,
  get_broker_consume_stats = 317,
  update_namesrv_config = 318,
  get_namesrv_config = 319,
  send_batch_message = 320,
  query_consume_queue = 321,
  query_data_version = 322,
  resume_check_half_message = 323,
  send_reply_message = 324,
  send_reply_message_v2 = 325,
  push_reply_message_to_client = 326,
  add_write_perm_of_broker = 327,
  get_all_producer_info = 328,
  delete_expired_commitlog = 329,
  query_topics_by_consumer = 343,
  query_subscription_by_consumer = 345,
  get_topic_config = 351,
  get_subscriptiongroup_config = 352,
  update_and_get_group_forbidden = 353,
  check_rocksdb_cq_write_progress = 354,
  export_rocksdb_config_to_json = 355,
  lite_pull_message = 361,
  recall_message = 370,
  query_assignment = 400,
  set_message_request_mode = 401,
  get_all_message_request_mode = 402,
  update_and_create_static_topic = 513,
  get_broker_member_group = 901,
  add_broker = 902,
  remove_broker = 903,
  broker_heartbeat = 904,
  notify_min_broker_id_change = 905,
  exchange_broker_ha_info = 906,
  get_broker_ha_status = 907,
  reset_master_flush_offset = 908,
  controller_alter_sync_state_set = 1001,
  controller_elect_master = 1002,
  controller_register_broker = 1003,
  controller_get_replica_info = 1004,
  controller_get_metadata_info = 1005,
  controller_get_sync_state_data = 1006,
  get_broker_epoch_cache = 1007,
  notify_broker_role_changed = 1008,
  update_controller_config = 1009,
  get_controller_config = 1010,
  clean_broker_data = 1011,
  controller_get_next_broker_id = 1012,
  controller_apply_broker_id = 1013,
  update_cold_data_flow_ctr_config = 2001,
  remove_cold_data_flow_ctr_config = 2002,
  get_cold_data_flow_ctr_info = 2003,
  set_commitlog_read_mode = 2004,
  auth_create_user = 3001,
  auth_update_user = 3002,
  auth_delete_user = 3003,
  auth_get_user = 3004,
  auth_list_user = 3005,
  auth_create_acl = 3006,
  auth_update_acl = 3007,
  auth_delete_acl = 3008,
  auth_get_acl = 3009,
  auth_list_acl = 3010,
  switch_timer_engine = 5001,
  pop_message = 200050,
  ack_message = 200051,
  peek_message = 200052,
  change_message_invisibletime = 200053,
  notification = 200054,
  polling_info = 200055,
  pop_rollback = 200056,
  pop_lite_message = 200070,
  lite_subscription_ctl = 200071,
  ack_lite_message = 200072,
  notify_unsubscribe_lite = 200073,
  get_broker_lite_info = 200074,
  get_parent_topic_info = 200075,
  get_lite_topic_info = 200076,
  get_lite_client_info = 200077,
  get_lite_group_info = 200078,
  trigger_lite_dispatch = 200079,
  batch_ack_message = 200151,
};
}  // namespace request_code

namespace response_code {
enum Value : std::int32_t {
  success = 0,
  system_error = 1,
  system_busy = 2,
  request_code_not_supported = 3,
  transaction_failed = 4,
  flush_disk_timeout = 10,
  slave_not_available = 11,
  flush_slave_timeout = 12,
  message_illegal = 13,
  service_not_available = 14,
  version_not_supported = 15,
  no_permission = 16,
  topic_not_exist = 17,
  topic_exist_already = 18,
  pull_not_found = 19,
  pull_retry_immediately = 20,
  pull_offset_moved = 21,
  query_not_found = 22,
  subscription_parse_failed = 23,
  subscription_not_exist = 24,
  subscription_not_latest = 25,
  subscription_group_not_exist = 26,
  filter_data_not_exist = 27,
  filter_data_not_latest = 28,
  invalid_parameter = 29,
  transaction_should_commit = 200,
  transaction_should_rollback = 201,
  transaction_state_unknow = 202,
  transaction_state_group_wrong = 203,
  no_buyer_id = 204,
  not_in_current_unit = 205,
  consumer_not_online = 206,
  consume_msg_timeout = 207,
  no_message = 208,
  polling_full = 209,
  polling_timeout = 210,
  broker_not_exist = 211,
  broker_dispatch_not_complete = 212,
  broadcast_consumption = 213,
  flow_control = 215,
  not_leader_for_queue = 501,
  illegal_operation = 604,
  go_away = 1500,
  controller_fenced_master_epoch = 2000,
  controller_fenced_sync_state_set_epoch = 2001,
  controller_invalid_master = 2002,
  controller_invalid_replicas = 2003,
  controller_master_not_available = 2004,
  controller_invalid_request = 2005,
  controller_broker_not_alive = 2006,
  controller_not_leader = 2007,
  controller_broker_metadata_not_exist = 2008,
  controller_invalid_clean_broker_metadata = 2009,
  controller_broker_need_to_be_registered = 2010,
  controller_master_still_exist = 2011,
  controller_elect_master_failed = 2012,
  controller_alter_sync_state_set_failed = 2013,
  controller_broker_id_invalid = 2014,
  controller_jraft_internal_error = 2015,
  controller_broker_live_info_not_exists = 2016,
  user_not_exist = 3001,
  policy_not_exist = 3002,
  rpc_unknown = -1000,
  rpc_addr_is_null = -1002,
  rpc_send_to_channel_failed = -1004,
  rpc_time_out = -1006,
};
}  // namespace response_code

// RocketMQ's name of a code ("SEND_MESSAGE"), empty when there is none.
std::string_view request_code_name(std::int32_t code);
std::string_view response_code_name(std::int32_t code);

// Remarks clients and monitoring show as they are.
std::string not_supported_remark(std::int32_t code);  // " request type 999 not supported"
namespace remark {
inline constexpr std::string_view reject_request =
    "[REJECTREQUEST]system busy, start flow control for a while";
inline constexpr std::string_view overload =
    "[OVERLOAD]system busy, start flow control for a while";
}  // namespace remark

// Bits of a message's sysFlag.
namespace message_flag {
inline constexpr std::int32_t compressed = 0x1;
inline constexpr std::int32_t multi_tags = 0x2;
inline constexpr std::int32_t transaction_mask = 0xc;
inline constexpr std::int32_t transaction_none = 0x0;
inline constexpr std::int32_t transaction_prepared = 0x4;
inline constexpr std::int32_t transaction_commit = 0x8;
inline constexpr std::int32_t transaction_rollback = 0xc;
inline constexpr std::int32_t born_host_ipv6 = 0x10;
inline constexpr std::int32_t store_host_ipv6 = 0x20;
inline constexpr std::int32_t need_unwrap = 0x40;
inline constexpr std::int32_t inner_batch = 0x80;
inline constexpr std::int32_t compression_mask = 0x700;
inline constexpr std::int32_t compression_lz4 = 0x100;
inline constexpr std::int32_t compression_zstd = 0x200;
inline constexpr std::int32_t compression_zlib = 0x300;
}  // namespace message_flag

enum class Compression { zlib, lz4, zstd };

// What a sysFlag's type bits say; no type is zlib, the old clients' only one. Nothing for a number
// nobody gave a meaning. Whether the body is compressed at all is message_flag::compressed.
std::optional<Compression> compression_of(std::int32_t sys_flag);

// Bits of a pull request's sysFlag.
namespace pull_flag {
inline constexpr std::int32_t commit_offset = 0x1;
inline constexpr std::int32_t suspend = 0x2;       // may be held
inline constexpr std::int32_t subscription = 0x4;  // the request brings its own filter
inline constexpr std::int32_t class_filter = 0x8;  // obsolete
inline constexpr std::int32_t lite_pull = 0x10;
}  // namespace pull_flag

namespace perm {
inline constexpr std::int32_t priority = 8;
inline constexpr std::int32_t read = 4;
inline constexpr std::int32_t write = 2;
inline constexpr std::int32_t inherit = 1;
constexpr bool is_readable(std::int32_t value) {
  return (value & read) != 0;
}
constexpr bool is_writable(std::int32_t value) {
  return (value & write) != 0;
}
constexpr bool is_inherited(std::int32_t value) {
  return (value & inherit) != 0;
}
}  // namespace perm

namespace topic_flag {
inline constexpr std::int32_t unit = 1;
inline constexpr std::int32_t unit_subscription = 2;
}  // namespace topic_flag

namespace language {
enum Value : std::int32_t {
  java = 0,
  cpp = 1,
  dotnet = 2,
  python = 3,
  delphi = 4,
  erlang = 5,
  ruby = 6,
  other = 7,
  http = 8,
  go = 9,
  php = 10,
  oms = 11,
  rust = 12,
  node_js = 13,
};
}  // namespace language

// "JAVA" ... "NODE_JS"; a number nobody uses is "OTHER".
std::string_view language_name(std::int32_t language);
std::int32_t language_of(std::string_view name);  // unknown names are other

namespace version {
inline constexpr std::int32_t v3_0_7_snapshot = 28;   // from here: 220, 221 are understood
inline constexpr std::int32_t v3_0_11 = 37;           // from here: 103 has a full body
inline constexpr std::int32_t v3_1_8_snapshot = 62;   // from here: 307, 309 are understood
inline constexpr std::int32_t v3_4_9 = 121;           // from here: maxReconsumeTimes counts
inline constexpr std::int32_t v4_1_0_snapshot = 232;  // from here: SQL92
inline constexpr std::int32_t v4_9_3 = 399;           // up to here: signatures of 12 skip a field
inline constexpr std::int32_t v4_9_4 = 401;           // from here: standard JSON routes
inline constexpr std::int32_t v5_0_0 = 413;           // from here: packed 103 has queue mappings
inline constexpr std::int32_t v5_3_1 = 475;           // above: GO_AWAY is understood
inline constexpr std::int32_t v5_5_0 = 513;

// What Gantry says it is. Java clients refuse to subscribe with SQL92 below 232; the behaviour
// served here, and recorded from Java to compare with, is 5.5.0's, so that is what it announces.
inline constexpr std::int32_t announced = v5_5_0;
}  // namespace version

// "V5_5_0" for the numbers above, "V<number>" for others (28: brokerVersionDesc).
std::string version_name(std::int32_t version);

}  // namespace gantry::protocol
