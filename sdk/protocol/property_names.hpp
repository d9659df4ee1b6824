// Names of the properties the protocol gives a meaning (common: MessageConst).
#pragma once

#include <string_view>

namespace gantry::protocol::property {

inline constexpr std::string_view keys = "KEYS";  // business keys, blank-separated; indexed
inline constexpr std::string_view tags = "TAGS";
inline constexpr std::string_view unique_key = "UNIQ_KEY";
inline constexpr std::string_view wait = "WAIT";
inline constexpr std::string_view delay = "DELAY";
inline constexpr std::string_view timer_delay_sec = "TIMER_DELAY_SEC";
inline constexpr std::string_view timer_delay_ms = "TIMER_DELAY_MS";
inline constexpr std::string_view timer_deliver_ms = "TIMER_DELIVER_MS";
inline constexpr std::string_view timer_out_ms = "TIMER_OUT_MS";
inline constexpr std::string_view timer_enqueue_ms = "TIMER_ENQUEUE_MS";
inline constexpr std::string_view timer_dequeue_ms = "TIMER_DEQUEUE_MS";
inline constexpr std::string_view timer_roll_times = "TIMER_ROLL_TIMES";
inline constexpr std::string_view timer_delay_level = "TIMER_DELAY_LEVEL";
inline constexpr std::string_view timer_del_unique_key = "TIMER_DEL_UNIQKEY";
inline constexpr std::string_view real_topic = "REAL_TOPIC";
inline constexpr std::string_view real_queue_id = "REAL_QID";
inline constexpr std::string_view retry_topic = "RETRY_TOPIC";
inline constexpr std::string_view origin_message_id = "ORIGIN_MESSAGE_ID";
inline constexpr std::string_view origin_group = "ORIGIN_GROUP";
inline constexpr std::string_view reconsume_time = "RECONSUME_TIME";
inline constexpr std::string_view max_reconsume_times = "MAX_RECONSUME_TIMES";
inline constexpr std::string_view dlq_origin_topic = "DLQ_ORIGIN_TOPIC";
inline constexpr std::string_view dlq_origin_message_id = "DLQ_ORIGIN_MESSAGE_ID";
inline constexpr std::string_view transaction_prepared = "TRAN_MSG";
inline constexpr std::string_view producer_group = "PGROUP";
inline constexpr std::string_view transaction_id = "__transactionId__";
inline constexpr std::string_view transaction_check_times = "TRANSACTION_CHECK_TIMES";
inline constexpr std::string_view transaction_prepared_queue_offset = "TRAN_PREPARED_QUEUE_OFFSET";
inline constexpr std::string_view check_immunity_sec = "CHECK_IMMUNITY_TIME_IN_SECONDS";
inline constexpr std::string_view correlation_id = "CORRELATION_ID";
inline constexpr std::string_view reply_to_client = "REPLY_TO_CLIENT";
inline constexpr std::string_view ttl = "TTL";
inline constexpr std::string_view message_type = "MSG_TYPE";  // "reply"
inline constexpr std::string_view arrive_time = "ARRIVE_TIME";
inline constexpr std::string_view push_reply_time = "PUSH_REPLY_TIME";
inline constexpr std::string_view cluster = "CLUSTER";
inline constexpr std::string_view region = "MSG_REGION";
inline constexpr std::string_view transfer_flag = "TRANSFER_FLAG";  // from another cluster
inline constexpr std::string_view trace_on = "TRACE_ON";
inline constexpr std::string_view pop_check = "POP_CK";
inline constexpr std::string_view first_pop_time = "1ST_POP_TIME";
inline constexpr std::string_view pop_check_offset = "POP_CK_OFFSET";
inline constexpr std::string_view sharding_key = "__SHARDINGKEY";    // Java, C++
inline constexpr std::string_view go_sharding_key = "SHARDING_KEY";  // Go
inline constexpr std::string_view multi_dispatch = "INNER_MULTI_DISPATCH";
inline constexpr std::string_view multi_queue_offset = "INNER_MULTI_QUEUE_OFFSET";
inline constexpr std::string_view inner_num = "INNER_NUM";
inline constexpr std::string_view inner_base = "INNER_BASE";
inline constexpr std::string_view born_timestamp = "BORN_TIMESTAMP";
inline constexpr std::string_view born_host = "__BORNHOST";
inline constexpr std::string_view min_offset = "MIN_OFFSET";  // local to a client
inline constexpr std::string_view max_offset = "MAX_OFFSET";  // local to a client
inline constexpr std::string_view consume_start_time = "CONSUME_START_TIME";
inline constexpr std::string_view crc32 = "__CRC32#";
inline constexpr std::string_view lite_topic = "__LITE_TOPIC";
inline constexpr std::string_view priority = "_SYS_MSG_PRIORITY_";

}  // namespace gantry::protocol::property
