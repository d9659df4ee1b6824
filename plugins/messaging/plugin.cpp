// The tables of the messaging library: one module, its settings, what it needs and what it offers.
#include <gantry/plugin.h>

#include "cpp/capabilities.hpp"
#include "cpp/messaging.hpp"
#include "messaging.hpp"
#include "pull_read.hpp"
#include "routes.hpp"

namespace gantry::messaging {
namespace {

// ── settings
constexpr int64_t minute_ms = 60'000;
constexpr int64_t hour_ms = 60 * minute_ms;

constexpr gantry_setting setting_nameservers = sdk::setting_list(
    "nameservers",
    "The nameservers this broker registers with, all of them: \"door:<name>\" is a door of this "
    "node, \"host:port\" and \"[ip6]:port\" another node, of Gantry or RocketMQ.",
    "");
constexpr gantry_setting setting_broker_door = sdk::setting_str(
    "broker_door",
    "The door whose advertised address is the broker's, in routes, message ids and records.",
    "broker");
constexpr gantry_setting setting_auto_create_topics =
    sdk::setting_bool("auto_create_topics",
                      "Whether a send to an unknown topic makes it; without, topics are made by an "
                      "administrator only.",
                      true);
constexpr gantry_setting setting_auto_create_groups = sdk::setting_bool(
    "auto_create_groups",
    "Whether a group is made when a consumer first names it; without, unknown groups are refused.",
    true);
constexpr gantry_setting setting_default_topic_queues = sdk::setting_i64(
    "default_topic_queues",
    "The most queues a topic gets that is made by a send; more let more consumers share the work.",
    8, 1, 65'536);
constexpr gantry_setting setting_topic_queues_max = sdk::setting_i64(
    "topic_queues_max", "The most queues an administrator may give a topic.", 16'384, 1, 65'536);
constexpr gantry_setting setting_topics_max = sdk::setting_i64(
    "topics_max", "The most topics this broker holds; bounds what clients can make it remember.",
    100'000, 100, 10'000'000);
constexpr gantry_setting setting_groups_max = sdk::setting_i64(
    "groups_max", "The most groups this broker holds; bounds what clients can make it remember.",
    100'000, 1, 10'000'000);
constexpr gantry_setting setting_queue_locks_max = sdk::setting_i64(
    "queue_locks_max",
    "The most queue locks consumers may hold; bounds what clients can make it remember.", 1'000'000,
    64, 100'000'000);
constexpr gantry_setting setting_message_bytes_max =
    sdk::setting_i64("message_bytes_max",
                     "The largest body of a message, or of a whole batch; larger ones get 13. 0: "
                     "what the log takes.",
                     0, 0, 64 << 20);
constexpr gantry_setting setting_batch_messages_max = sdk::setting_i64(
    "batch_messages_max", "The most messages of one batch; bounds the memory one send needs.",
    65'536, 1, 65'536);
constexpr gantry_setting setting_region = sdk::setting_str(
    "region", "The MSG_REGION that messages and send answers carry.", "DefaultRegion");
constexpr gantry_setting setting_trace_on = sdk::setting_bool(
    "trace_on", "Whether clients are told to write message traces, if they were built to.", true);
constexpr gantry_setting setting_message_type_check = sdk::setting_bool(
    "message_type_check",
    "Whether a topic with the attribute message.type takes messages of that type only, as behind "
    "RocketMQ's proxy; without, it takes all, as a RocketMQ broker does.",
    true);
constexpr gantry_setting setting_store_timeout_ms = sdk::setting_i64(
    "store_timeout_ms",
    "How long a send waits to be durable before it is answered 10; the message stays stored.", 5000,
    10, minute_ms);
constexpr gantry_setting setting_metadata_timeout_ms = sdk::setting_i64(
    "metadata_timeout_ms",
    "How long a request waits for a new topic or group to be durable before it is answered 2.",
    5000, 10, minute_ms);
constexpr gantry_setting setting_register_interval_ms = sdk::setting_i64(
    "register_interval_ms",
    "How often the nameservers hear of this broker; they forget it after two minutes.", 30'000,
    1000, minute_ms);
constexpr gantry_setting setting_register_timeout_ms =
    sdk::setting_i64("register_timeout_ms",
                     "How long a nameserver may take to answer, the connection to it included.",
                     3000, 10, minute_ms);
constexpr gantry_setting setting_register_compressed = sdk::setting_bool(
    "register_compressed",
    "Whether registrations are compressed on their way to other nodes: for very many topics.",
    false);
constexpr gantry_setting setting_register_forced = sdk::setting_bool(
    "register_forced",
    "Whether everything is told each time; without, a nameserver is first asked for the version it "
    "knows.",
    true);
constexpr gantry_setting setting_client_expiry_ms = sdk::setting_i64(
    "client_expiry_ms",
    "A client that sent no heartbeat for so long is disconnected; they are due every 30 s.",
    120'000, 1000, hour_ms);
constexpr gantry_setting setting_client_scan_interval_ms = sdk::setting_i64(
    "client_scan_interval_ms", "How often silent clients are looked for.", 10'000, 100, hour_ms);
constexpr gantry_setting setting_offset_flush_interval_ms = sdk::setting_i64(
    "offset_flush_interval_ms",
    "How often consumer offsets are stored: what a crash may make groups consume again.", 1000, 10,
    minute_ms);
constexpr gantry_setting setting_server_side_reset = sdk::setting_bool(
    "server_side_reset",
    "Whether a group is reset here, which its members hear of with their next pull; without, they "
    "are told to reset themselves, as by brokers before RocketMQ 5, and must be connected.",
    true);
constexpr gantry_setting setting_send_enabled = sdk::setting_bool(
    "send_enabled",
    "Whether clients are to send to this broker; without, nameservers are told that none of its "
    "topics is written, and sends to ordered topics are answered 16.",
    true);
constexpr gantry_setting setting_pull_enabled = sdk::setting_bool(
    "pull_enabled",
    "Whether this broker serves pulls; without, they are answered 16, and nameservers are told that "
    "none of its topics is read.",
    true);
constexpr gantry_setting setting_lite_pull_enabled = sdk::setting_bool(
    "lite_pull_enabled",
    "Whether it serves those of lite pull consumers (361); without, they are answered 16.", true);
constexpr gantry_setting setting_slave_read = sdk::setting_bool(
    "slave_read",
    "Whether consumers that fell behind are sent to a slave, so that old records are read there.",
    false);
constexpr gantry_setting setting_long_polling = sdk::setting_bool(
    "long_polling",
    "Whether a pull that finds nothing is held as long as its client asks; without, "
    "short_polling_ms.",
    true);
constexpr gantry_setting setting_short_polling_ms = sdk::setting_i64(
    "short_polling_ms", "How long it is held without long_polling.", 1000, 1, hour_ms);
constexpr gantry_setting setting_pull_hold_ms_max = sdk::setting_i64(
    "pull_hold_ms_max", "The longest a pull is held for a new message, whatever the client asks.",
    120'000, 0, hour_ms);
constexpr gantry_setting setting_pull_held_max = sdk::setting_i64(
    "pull_held_max", "The most pulls held at a time; more are answered 19 at once.", 200'000, 0,
    10'000'000);
constexpr gantry_setting setting_pull_messages_max =
    sdk::setting_i64("pull_messages_max", "The most messages of one pull that come from memory.",
                     32, 1, pull_messages_bound);
constexpr gantry_setting setting_pull_bytes_max = sdk::setting_i64(
    "pull_bytes_max", "The most bytes of one pull that come from memory; one message always goes.",
    256 << 10, 1, 64 << 20);
constexpr gantry_setting setting_pull_cold_messages_max =
    sdk::setting_i64("pull_cold_messages_max",
                     "The same for messages so old that they come from disk, so that reading them "
                     "hurts others less.",
                     8, 1, pull_messages_bound);
constexpr gantry_setting setting_pull_cold_bytes_max =
    sdk::setting_i64("pull_cold_bytes_max", "The most bytes of one pull that come from disk.",
                     64 << 10, 1, 64 << 20);
constexpr gantry_setting setting_pull_scan_entries_max = sdk::setting_i64(
    "pull_scan_entries_max",
    "The most index entries one pull walks over to find messages of its subscription; it goes on "
    "with the next pull.",
    16'000, 32, 1'000'000);
constexpr gantry_setting setting_expression_bytes_max = sdk::setting_i64(
    "expression_bytes_max", "The largest subscription expression; larger ones get 23.", 65'536, 1,
    1 << 20);
constexpr gantry_setting setting_filter_cache_bytes_max = sdk::setting_i64(
    "filter_cache_bytes_max",
    "Memory for compiled subscriptions, of each shard and of the node, as estimated; at it those "
    "not in use are forgotten and compiled again.",
    64 << 20, 1 << 16, int64_t{1} << 34);
constexpr gantry_setting setting_memory_percent = sdk::setting_i64(
    "memory_percent",
    "The end of the log that counts as in memory, in percent of this machine's memory.", 40, 0,
    100);

constexpr const gantry_setting* settings[] = {
    &setting_nameservers,
    &setting_broker_door,
    &setting_auto_create_topics,
    &setting_auto_create_groups,
    &setting_default_topic_queues,
    &setting_topic_queues_max,
    &setting_topics_max,
    &setting_groups_max,
    &setting_queue_locks_max,
    &setting_message_bytes_max,
    &setting_batch_messages_max,
    &setting_region,
    &setting_trace_on,
    &setting_message_type_check,
    &setting_store_timeout_ms,
    &setting_metadata_timeout_ms,
    &setting_register_interval_ms,
    &setting_register_timeout_ms,
    &setting_register_compressed,
    &setting_register_forced,
    &setting_client_expiry_ms,
    &setting_client_scan_interval_ms,
    &setting_offset_flush_interval_ms,
    &setting_server_side_reset,
    &setting_send_enabled,
    &setting_pull_enabled,
    &setting_lite_pull_enabled,
    &setting_slave_read,
    &setting_long_polling,
    &setting_short_polling_ms,
    &setting_pull_hold_ms_max,
    &setting_pull_held_max,
    &setting_pull_messages_max,
    &setting_pull_bytes_max,
    &setting_pull_cold_messages_max,
    &setting_pull_cold_bytes_max,
    &setting_pull_scan_entries_max,
    &setting_expression_bytes_max,
    &setting_filter_cache_bytes_max,
    &setting_memory_percent,
};

// ── offers
constexpr const char* after_index[] = {GANTRY_CAP_QUEUE_INDEX, nullptr};  // wake what is readable
constexpr gantry_request_handler handler = sdk::request_handler<Messaging>(routes::pointers.each);
constexpr gantry_log_consumer wakes = sdk::log_consumer<Messaging>(GANTRY_LOG_INLINE);
constexpr gantry_topics topics = sdk::topics<Messaging>();
constexpr gantry_groups groups = sdk::groups<Messaging>();
constexpr gantry_offsets offsets = sdk::offsets<Messaging>();
constexpr gantry_clients clients = sdk::clients<Messaging>();
constexpr gantry_offer offer_topics = sdk::offer(GANTRY_CAP_TOPICS, "", &topics);
constexpr gantry_offer offer_groups = sdk::offer(GANTRY_CAP_GROUPS, "", &groups);
constexpr gantry_offer offer_offsets = sdk::offer(GANTRY_CAP_OFFSETS, "", &offsets);
constexpr gantry_offer offer_clients = sdk::offer(GANTRY_CAP_CLIENTS, "", &clients);
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr gantry_offer offer_wakes = sdk::offer(GANTRY_CAP_LOG_CONSUMER, "", &wakes, after_index);
constexpr const gantry_offer* offers[] = {&offer_handler, &offer_wakes,   &offer_topics,
                                          &offer_groups,  &offer_offsets, &offer_clients};

// ── needs
constexpr gantry_need need_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr gantry_need need_capabilities = sdk::need(GANTRY_HOST_CAPABILITIES);
constexpr gantry_need need_clock = sdk::need(GANTRY_HOST_CLOCK);
constexpr gantry_need need_commitlog = sdk::need(GANTRY_HOST_COMMITLOG);
constexpr gantry_need need_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need need_peers = sdk::need(GANTRY_HOST_PEERS);
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need need_sessions = sdk::need(GANTRY_HOST_SESSIONS);
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need need_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need need_metadata = sdk::need(GANTRY_CAP_METADATA_STORE);
constexpr gantry_need need_index = sdk::need(GANTRY_CAP_QUEUE_INDEX);
constexpr gantry_need need_filters = sdk::need(GANTRY_CAP_FILTER, false);
constexpr gantry_need need_keys = sdk::need(GANTRY_CAP_KEY_INDEX, false);
constexpr const gantry_need* needs[] = {
    &need_buffers,  &need_capabilities, &need_clock,    &need_commitlog, &need_logging,
    &need_peers,    &need_requests,     &need_sessions, &need_settings,  &need_timer,
    &need_metadata, &need_index,        &need_keys,     &need_filters};

constexpr gantry_module messaging = sdk::module<Messaging>({.name = "messaging",
                                                            // Clients and held pulls are in memory
                                                            // and are not handed over yet.
                                                            .flags = GANTRY_MODULE_RESTART_ONLY,
                                                            .offers = offers,
                                                            .needs = needs,
                                                            .settings = settings});
constexpr const gantry_module* modules[] = {&messaging};

}  // namespace
}  // namespace gantry::messaging

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.messaging", "0.1.0", gantry::messaging::modules);
