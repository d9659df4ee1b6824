#include "protocol/codes.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::protocol {
namespace {

struct NamedCode {
  std::int32_t code;
  std::string_view name;
};

// Ascending, for the search.
constexpr NamedCode request_names[] = {
    {10, "SEND_MESSAGE"},
    {11, "PULL_MESSAGE"},
    {12, "QUERY_MESSAGE"},
    {14, "QUERY_CONSUMER_OFFSET"},
    {15, "UPDATE_CONSUMER_OFFSET"},
    {17, "UPDATE_AND_CREATE_TOPIC"},
    {18, "UPDATE_AND_CREATE_TOPIC_LIST"},
    {21, "GET_ALL_TOPIC_CONFIG"},
    {25, "UPDATE_BROKER_CONFIG"},
    {26, "GET_BROKER_CONFIG"},
    {28, "GET_BROKER_RUNTIME_INFO"},
    {29, "SEARCH_OFFSET_BY_TIMESTAMP"},
    {30, "GET_MAX_OFFSET"},
    {31, "GET_MIN_OFFSET"},
    {32, "GET_EARLIEST_MSG_STORETIME"},
    {33, "VIEW_MESSAGE_BY_ID"},
    {34, "HEART_BEAT"},
    {35, "UNREGISTER_CLIENT"},
    {36, "CONSUMER_SEND_MSG_BACK"},
    {37, "END_TRANSACTION"},
    {38, "GET_CONSUMER_LIST_BY_GROUP"},
    {39, "CHECK_TRANSACTION_STATE"},
    {40, "NOTIFY_CONSUMER_IDS_CHANGED"},
    {41, "LOCK_BATCH_MQ"},
    {42, "UNLOCK_BATCH_MQ"},
    {43, "GET_ALL_CONSUMER_OFFSET"},
    {45, "GET_ALL_DELAY_OFFSET"},
    {46, "CHECK_CLIENT_CONFIG"},
    {60, "GET_TIMER_CHECK_POINT"},
    {61, "GET_TIMER_METRICS"},
    {100, "PUT_KV_CONFIG"},
    {101, "GET_KV_CONFIG"},
    {102, "DELETE_KV_CONFIG"},
    {103, "REGISTER_BROKER"},
    {104, "UNREGISTER_BROKER"},
    {105, "GET_ROUTEINFO_BY_TOPIC"},
    {106, "GET_BROKER_CLUSTER_INFO"},
    {200, "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP"},
    {201, "GET_ALL_SUBSCRIPTIONGROUP_CONFIG"},
    {202, "GET_TOPIC_STATS_INFO"},
    {203, "GET_CONSUMER_CONNECTION_LIST"},
    {204, "GET_PRODUCER_CONNECTION_LIST"},
    {205, "WIPE_WRITE_PERM_OF_BROKER"},
    {206, "GET_ALL_TOPIC_LIST_FROM_NAMESERVER"},
    {207, "DELETE_SUBSCRIPTIONGROUP"},
    {208, "GET_CONSUME_STATS"},
    {215, "DELETE_TOPIC_IN_BROKER"},
    {216, "DELETE_TOPIC_IN_NAMESRV"},
    {217, "REGISTER_TOPIC_IN_NAMESRV"},
    {219, "GET_KVLIST_BY_NAMESPACE"},
    {220, "RESET_CONSUMER_CLIENT_OFFSET"},
    {221, "GET_CONSUMER_STATUS_FROM_CLIENT"},
    {222, "INVOKE_BROKER_TO_RESET_OFFSET"},
    {223, "INVOKE_BROKER_TO_GET_CONSUMER_STATUS"},
    {224, "GET_TOPICS_BY_CLUSTER"},
    {225, "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST"},
    {300, "QUERY_TOPIC_CONSUME_BY_WHO"},
    {303, "QUERY_CONSUME_TIME_SPAN"},
    {304, "GET_SYSTEM_TOPIC_LIST_FROM_NS"},
    {305, "GET_SYSTEM_TOPIC_LIST_FROM_BROKER"},
    {306, "CLEAN_EXPIRED_CONSUMEQUEUE"},
    {307, "GET_CONSUMER_RUNNING_INFO"},
    {308, "QUERY_CORRECTION_OFFSET"},
    {309, "CONSUME_MESSAGE_DIRECTLY"},
    {310, "SEND_MESSAGE_V2"},
    {311, "GET_UNIT_TOPIC_LIST"},
    {312, "GET_HAS_UNIT_SUB_TOPIC_LIST"},
    {313, "GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST"},
    {314, "CLONE_GROUP_OFFSET"},
    {315, "VIEW_BROKER_STATS_DATA"},
    {316, "CLEAN_UNUSED_TOPIC"},
    {317, "GET_BROKER_CONSUME_STATS"},
    {318, "UPDATE_NAMESRV_CONFIG"},
    {319, "GET_NAMESRV_CONFIG"},
    {320, "SEND_BATCH_MESSAGE"},
    {321, "QUERY_CONSUME_QUEUE"},
    {322, "QUERY_DATA_VERSION"},
    {323, "RESUME_CHECK_HALF_MESSAGE"},
    {324, "SEND_REPLY_MESSAGE"},
    {325, "SEND_REPLY_MESSAGE_V2"},
    {326, "PUSH_REPLY_MESSAGE_TO_CLIENT"},
    {327, "ADD_WRITE_PERM_OF_BROKER"},
    {328, "GET_ALL_PRODUCER_INFO"},
    {329, "DELETE_EXPIRED_COMMITLOG"},
    {343, "QUERY_TOPICS_BY_CONSUMER"},
    {345, "QUERY_SUBSCRIPTION_BY_CONSUMER"},
    {351, "GET_TOPIC_CONFIG"},
    {352, "GET_SUBSCRIPTIONGROUP_CONFIG"},
    {353, "UPDATE_AND_GET_GROUP_FORBIDDEN"},
    {354, "CHECK_ROCKSDB_CQ_WRITE_PROGRESS"},
    {355, "EXPORT_ROCKSDB_CONFIG_TO_JSON"},
    {361, "LITE_PULL_MESSAGE"},
    {370, "RECALL_MESSAGE"},
    {400, "QUERY_ASSIGNMENT"},
    {401, "SET_MESSAGE_REQUEST_MODE"},
    {402, "GET_ALL_MESSAGE_REQUEST_MODE"},
    {513, "UPDATE_AND_CREATE_STATIC_TOPIC"},
    {901, "GET_BROKER_MEMBER_GROUP"},
    {902, "ADD_BROKER"},
    {903, "REMOVE_BROKER"},
    {904, "BROKER_HEARTBEAT"},
    {905, "NOTIFY_MIN_BROKER_ID_CHANGE"},
    {906, "EXCHANGE_BROKER_HA_INFO"},
    {907, "GET_BROKER_HA_STATUS"},
    {908, "RESET_MASTER_FLUSH_OFFSET"},
    {1001, "CONTROLLER_ALTER_SYNC_STATE_SET"},
    {1002, "CONTROLLER_ELECT_MASTER"},
    {1003, "CONTROLLER_REGISTER_BROKER"},
    {1004, "CONTROLLER_GET_REPLICA_INFO"},
    {1005, "CONTROLLER_GET_METADATA_INFO"},
    {1006, "CONTROLLER_GET_SYNC_STATE_DATA"},
    {1007, "GET_BROKER_EPOCH_CACHE"},
    {1008, "NOTIFY_BROKER_ROLE_CHANGED"},
    {1009, "UPDATE_CONTROLLER_CONFIG"},
    {1010, "GET_CONTROLLER_CONFIG"},
    {1011, "CLEAN_BROKER_DATA"},
    {1012, "CONTROLLER_GET_NEXT_BROKER_ID"},
    {1013, "CONTROLLER_APPLY_BROKER_ID"},
    {2001, "UPDATE_COLD_DATA_FLOW_CTR_CONFIG"},
    {2002, "REMOVE_COLD_DATA_FLOW_CTR_CONFIG"},
    {2003, "GET_COLD_DATA_FLOW_CTR_INFO"},
    {2004, "SET_COMMITLOG_READ_MODE"},
    {3001, "AUTH_CREATE_USER"},
    {3002, "AUTH_UPDATE_USER"},
    {3003, "AUTH_DELETE_USER"},
    {3004, "AUTH_GET_USER"},
    {3005, "AUTH_LIST_USER"},
    {3006, "AUTH_CREATE_ACL"},
    {3007, "AUTH_UPDATE_ACL"},
    {3008, "AUTH_DELETE_ACL"},
    {3009, "AUTH_GET_ACL"},
    {3010, "AUTH_LIST_ACL"},
    {5001, "SWITCH_TIMER_ENGINE"},
    {200050, "POP_MESSAGE"},
    {200051, "ACK_MESSAGE"},
    {200052, "PEEK_MESSAGE"},
    {200053, "CHANGE_MESSAGE_INVISIBLETIME"},
    {200054, "NOTIFICATION"},
    {200055, "POLLING_INFO"},
    {200056, "POP_ROLLBACK"},
    {200070, "POP_LITE_MESSAGE"},
    {200071, "LITE_SUBSCRIPTION_CTL"},
    {200072, "ACK_LITE_MESSAGE"},
    {200073, "NOTIFY_UNSUBSCRIBE_LITE"},
    {200074, "GET_BROKER_LITE_INFO"},
    {200075, "GET_PARENT_TOPIC_INFO"},
    {200076, "GET_LITE_TOPIC_INFO"},
    {200077, "GET_LITE_CLIENT_INFO"},
    {200078, "GET_LITE_GROUP_INFO"},
    {200079, "TRIGGER_LITE_DISPATCH"},
    {200151, "BATCH_ACK_MESSAGE"},
};

constexpr NamedCode response_names[] = {
    {-1006, "RPC_TIME_OUT"},
    {-1004, "RPC_SEND_TO_CHANNEL_FAILED"},
    {-1002, "RPC_ADDR_IS_NULL"},
    {-1000, "RPC_UNKNOWN"},
    {0, "SUCCESS"},
    {1, "SYSTEM_ERROR"},
    {2, "SYSTEM_BUSY"},
    {3, "REQUEST_CODE_NOT_SUPPORTED"},
    {4, "TRANSACTION_FAILED"},
    {10, "FLUSH_DISK_TIMEOUT"},
    {11, "SLAVE_NOT_AVAILABLE"},
    {12, "FLUSH_SLAVE_TIMEOUT"},
    {13, "MESSAGE_ILLEGAL"},
    {14, "SERVICE_NOT_AVAILABLE"},
    {15, "VERSION_NOT_SUPPORTED"},
    {16, "NO_PERMISSION"},
    {17, "TOPIC_NOT_EXIST"},
    {18, "TOPIC_EXIST_ALREADY"},
    {19, "PULL_NOT_FOUND"},
    {20, "PULL_RETRY_IMMEDIATELY"},
    {21, "PULL_OFFSET_MOVED"},
    {22, "QUERY_NOT_FOUND"},
    {23, "SUBSCRIPTION_PARSE_FAILED"},
    {24, "SUBSCRIPTION_NOT_EXIST"},
    {25, "SUBSCRIPTION_NOT_LATEST"},
    {26, "SUBSCRIPTION_GROUP_NOT_EXIST"},
    {27, "FILTER_DATA_NOT_EXIST"},
    {28, "FILTER_DATA_NOT_LATEST"},
    {29, "INVALID_PARAMETER"},
    {200, "TRANSACTION_SHOULD_COMMIT"},
    {201, "TRANSACTION_SHOULD_ROLLBACK"},
    {202, "TRANSACTION_STATE_UNKNOW"},
    {203, "TRANSACTION_STATE_GROUP_WRONG"},
    {204, "NO_BUYER_ID"},
    {205, "NOT_IN_CURRENT_UNIT"},
    {206, "CONSUMER_NOT_ONLINE"},
    {207, "CONSUME_MSG_TIMEOUT"},
    {208, "NO_MESSAGE"},
    {209, "POLLING_FULL"},
    {210, "POLLING_TIMEOUT"},
    {211, "BROKER_NOT_EXIST"},
    {212, "BROKER_DISPATCH_NOT_COMPLETE"},
    {213, "BROADCAST_CONSUMPTION"},
    {215, "FLOW_CONTROL"},
    {501, "NOT_LEADER_FOR_QUEUE"},
    {604, "ILLEGAL_OPERATION"},
    {1500, "GO_AWAY"},
    {2000, "CONTROLLER_FENCED_MASTER_EPOCH"},
    {2001, "CONTROLLER_FENCED_SYNC_STATE_SET_EPOCH"},
    {2002, "CONTROLLER_INVALID_MASTER"},
    {2003, "CONTROLLER_INVALID_REPLICAS"},
    {2004, "CONTROLLER_MASTER_NOT_AVAILABLE"},
    {2005, "CONTROLLER_INVALID_REQUEST"},
    {2006, "CONTROLLER_BROKER_NOT_ALIVE"},
    {2007, "CONTROLLER_NOT_LEADER"},
    {2008, "CONTROLLER_BROKER_METADATA_NOT_EXIST"},
    {2009, "CONTROLLER_INVALID_CLEAN_BROKER_METADATA"},
    {2010, "CONTROLLER_BROKER_NEED_TO_BE_REGISTERED"},
    {2011, "CONTROLLER_MASTER_STILL_EXIST"},
    {2012, "CONTROLLER_ELECT_MASTER_FAILED"},
    {2013, "CONTROLLER_ALTER_SYNC_STATE_SET_FAILED"},
    {2014, "CONTROLLER_BROKER_ID_INVALID"},
    {2015, "CONTROLLER_JRAFT_INTERNAL_ERROR"},
    {2016, "CONTROLLER_BROKER_LIVE_INFO_NOT_EXISTS"},
    {3001, "USER_NOT_EXIST"},
    {3002, "POLICY_NOT_EXIST"},
};

constexpr bool ascending(const NamedCode* first, const NamedCode* last) {
  return std::is_sorted(first, last,
                        [](const NamedCode& a, const NamedCode& b) { return a.code <= b.code; });
}
static_assert(ascending(std::begin(request_names), std::end(request_names)));
static_assert(ascending(std::begin(response_names), std::end(response_names)));

template <std::size_t N>
std::string_view name_in(const NamedCode (&names)[N], std::int32_t code) {
  auto found = std::lower_bound(std::begin(names), std::end(names), code,
                                [](const NamedCode& row, std::int32_t c) { return row.code < c; });
  return found != std::end(names) && found->code == code ? found->name : std::string_view();
}

constexpr std::array<std::string_view, 14> language_names = {
    "JAVA",  "CPP",  "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY",
    "OTHER", "HTTP", "GO",     "PHP",    "OMS",    "RUST",   "NODE_JS"};

}  // namespace

std::string_view request_code_name(std::int32_t code) {
  return name_in(request_names, code);
}
std::string_view response_code_name(std::int32_t code) {
  return name_in(response_names, code);
}

std::string not_supported_remark(std::int32_t code) {
  return " request type " + std::to_string(code) + " not supported";
}

std::optional<Compression> compression_of(std::int32_t sys_flag) {
  switch (sys_flag & message_flag::compression_mask) {
    case 0:
    case message_flag::compression_zlib:
      return Compression::zlib;
    case message_flag::compression_lz4:
      return Compression::lz4;
    case message_flag::compression_zstd:
      return Compression::zstd;
    default:
      return std::nullopt;
  }
}

std::string_view language_name(std::int32_t language) {
  const auto index = static_cast<std::size_t>(language);
  return language >= 0 && index < language_names.size() ? language_names[index]
                                                        : language_names[language::other];
}

std::int32_t language_of(std::string_view name) {
  const auto* found = std::find(language_names.begin(), language_names.end(), name);
  return found == language_names.end() ? static_cast<std::int32_t>(language::other)
                                       : static_cast<std::int32_t>(found - language_names.begin());
}

std::string version_name(std::int32_t version) {
  static constexpr NamedCode names[] = {
      {28, "V3_0_7_SNAPSHOT"},  {37, "V3_0_11"}, {62, "V3_1_8_SNAPSHOT"}, {121, "V3_4_9"},
      {232, "V4_1_0_SNAPSHOT"}, {317, "V4_5_2"}, {333, "V4_6_0"},         {399, "V4_9_3"},
      {401, "V4_9_4"},          {409, "V4_9_8"}, {413, "V5_0_0"},         {475, "V5_3_1"},
      {479, "V5_3_3"},          {493, "V5_4_0"}, {513, "V5_5_0"}};
  const std::string_view name = name_in(names, version);
  return name.empty() ? "V" + std::to_string(version) : std::string(name);
}

}  // namespace gantry::protocol
