// Registration of the module `node_admin`.
#include "cpp/capabilities.hpp"
#include "node_admin.hpp"
#include "protocol/admin_codes.hpp"

namespace gantry::node_admin {
namespace {

namespace code = protocol::admin_code;

constexpr gantry_route list_plugins = sdk::route(code::list_plugins, GANTRY_ACCESS_ADMIN);
constexpr gantry_route describe_plugin = sdk::route(code::describe_plugin, GANTRY_ACCESS_ADMIN);
constexpr const gantry_route* routes[] = {&list_plugins, &describe_plugin};
constexpr gantry_request_handler handler = sdk::request_handler<NodeAdmin>(routes);
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&handler_offer};

constexpr gantry_need needs_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need needs_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need needs_capabilities = sdk::need(GANTRY_HOST_CAPABILITIES);
constexpr gantry_need needs_plugins = sdk::need(GANTRY_HOST_PLUGINS);
// Whoever tells facts starts before it, so that it can be bound.
constexpr gantry_need may_read_facts = sdk::need(GANTRY_CAP_FACTS, false);
constexpr const gantry_need* needs[] = {&needs_requests,     &needs_buffers, &needs_timer,
                                        &needs_capabilities, &needs_plugins, &may_read_facts};

constexpr gantry_module module =
    sdk::module<NodeAdmin>({.name = "node_admin", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::node_admin

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.node_admin", "0.1.0", gantry::node_admin::modules);
