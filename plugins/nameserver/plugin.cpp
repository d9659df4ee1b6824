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

constexpr const gantry_route* routes[] = {&register_broker, &unregister_broker, &query_version,
                                          &route_of_topic, &cluster_info};
constexpr gantry_request_handler handler = sdk::request_handler<NameServer>(routes);
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&handler_offer};

constexpr gantry_need needs_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need needs_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr const gantry_need* needs[] = {&needs_requests, &needs_buffers, &needs_timer};

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
constexpr const gantry_setting* settings[] = {&expiry_ms, &scan_ms, &registration_bytes_max,
                                              &acting_masters};

constexpr gantry_module module = sdk::module<NameServer>(
    {.name = "nameserver", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::nameserver

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.nameserver", "0.1.0", gantry::nameserver::modules);
