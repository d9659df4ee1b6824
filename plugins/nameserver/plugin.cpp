// Registration of the module `nameserver`.
#include "cpp/capabilities.hpp"
#include "nameserver.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

namespace code = protocol::request_code;

// Whoever registers a broker decides where all clients go: that is for administrators.
constexpr gantry_route register_broker = sdk::route(code::register_broker, GANTRY_ACCESS_ADMIN);
constexpr gantry_route unregister_broker = sdk::route(code::unregister_broker, GANTRY_ACCESS_ADMIN);

constexpr gantry_route query_version = sdk::route(code::query_data_version, GANTRY_ACCESS_ADMIN);

constexpr gantry_resource routed_topic[] = {{"topic", GANTRY_RESOURCE_TOPIC, GANTRY_ACTION_GET}};
constexpr gantry_route route_of_topic = sdk::route(code::get_routeinfo_by_topic, routed_topic);

// Open: its header has no field that names a cluster for the kernel to check, and it tells broker
// addresses only, which every client learns with its first route.
constexpr gantry_route cluster_info = sdk::route(code::get_broker_cluster_info, GANTRY_ACCESS_NONE);

// Of operators, their tools and brokers.
constexpr gantry_route put_kv = sdk::route(code::put_kv_config, GANTRY_ACCESS_ADMIN);
constexpr gantry_route get_kv = sdk::route(code::get_kv_config, GANTRY_ACCESS_ADMIN);
constexpr gantry_route delete_kv = sdk::route(code::delete_kv_config, GANTRY_ACCESS_ADMIN);
constexpr gantry_route list_kv = sdk::route(code::get_kvlist_by_namespace, GANTRY_ACCESS_ADMIN);
constexpr gantry_route wipe_write =
    sdk::route(code::wipe_write_perm_of_broker, GANTRY_ACCESS_ADMIN);
constexpr gantry_route add_write = sdk::route(code::add_write_perm_of_broker, GANTRY_ACCESS_ADMIN);
constexpr gantry_route delete_topic =
    sdk::route(code::delete_topic_in_namesrv, GANTRY_ACCESS_ADMIN);
constexpr gantry_route add_topic = sdk::route(code::register_topic_in_namesrv, GANTRY_ACCESS_ADMIN);
constexpr gantry_route all_topics =
    sdk::route(code::get_all_topic_list_from_nameserver, GANTRY_ACCESS_ADMIN);
constexpr gantry_route cluster_topics =
    sdk::route(code::get_topics_by_cluster, GANTRY_ACCESS_ADMIN);
constexpr gantry_route system_topics =
    sdk::route(code::get_system_topic_list_from_ns, GANTRY_ACCESS_ADMIN);
constexpr gantry_route unit_topics = sdk::route(code::get_unit_topic_list, GANTRY_ACCESS_ADMIN);
constexpr gantry_route unit_sub_topics =
    sdk::route(code::get_has_unit_sub_topic_list, GANTRY_ACCESS_ADMIN);
constexpr gantry_route unit_sub_ununit_topics =
    sdk::route(code::get_has_unit_sub_ununit_topic_list, GANTRY_ACCESS_ADMIN);
constexpr gantry_route members = sdk::route(code::get_broker_member_group, GANTRY_ACCESS_ADMIN);
constexpr gantry_route heartbeat = sdk::route(code::broker_heartbeat, GANTRY_ACCESS_ADMIN);

constexpr const gantry_route* routes[] = {&register_broker,
                                          &unregister_broker,
                                          &query_version,
                                          &route_of_topic,
                                          &cluster_info,
                                          &put_kv,
                                          &get_kv,
                                          &delete_kv,
                                          &list_kv,
                                          &wipe_write,
                                          &add_write,
                                          &delete_topic,
                                          &add_topic,
                                          &all_topics,
                                          &cluster_topics,
                                          &system_topics,
                                          &unit_topics,
                                          &unit_sub_topics,
                                          &unit_sub_ununit_topics,
                                          &members,
                                          &heartbeat};
constexpr gantry_request_handler handler = sdk::request_handler<NameServer>(routes);
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&handler_offer};

constexpr gantry_need needs_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need needs_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need needs_capabilities = sdk::need(GANTRY_HOST_CAPABILITIES);
constexpr gantry_need needs_metadata = sdk::need(GANTRY_CAP_METADATA_STORE, false);
constexpr const gantry_need* needs[] = {&needs_requests, &needs_buffers, &needs_timer,
                                        &needs_capabilities, &needs_metadata};

constexpr gantry_setting expiry_ms = sdk::setting_i64(
    "expiry_ms",
    "A broker is forgotten after this long without a heartbeat, unless it names a time of its own.",
    120'000, 1'000, 3'600'000);
constexpr gantry_setting scan_ms = sdk::setting_i64(
    "scan_ms",
    "How often silent brokers are looked for; they are forgotten this much later at most.", 5'000,
    10, 600'000);
constexpr gantry_setting registration_bytes_max = sdk::setting_i64(
    "registration_bytes_max",
    "The largest registration, as sent and when inflated; raise it for brokers of many topics.",
    16 << 20, 64 << 10, 256 << 20);
constexpr gantry_setting acting_masters = sdk::setting_bool(
    "acting_masters",
    "Whether a slave that stands in for a lost master is shown as the master, for reading only.",
    false);
constexpr gantry_setting ordered_topics = sdk::setting_bool(
    "ordered_topics",
    "Whether routes tell which queues of which brokers an ordered topic has, as an operator set it "
    "with updateOrderConf or updateTopic -o.",
    true);
constexpr gantry_setting kv_bytes_max = sdk::setting_i64(
    "kv_bytes_max",
    "The most bytes of KV configuration, names and values; bounds what tools can make it remember.",
    16 << 20, 1 << 10, 256 << 20);
constexpr const gantry_setting* settings[] = {
    &expiry_ms, &scan_ms, &registration_bytes_max, &acting_masters, &ordered_topics, &kv_bytes_max};

constexpr gantry_module module = sdk::module<NameServer>(
    {.name = "nameserver", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::nameserver

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.nameserver", "0.1.0", gantry::nameserver::modules);
