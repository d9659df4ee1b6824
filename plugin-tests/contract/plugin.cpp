// Registration of contract_probe.
#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include "probe.hpp"

namespace gantry::contract {
namespace {

constexpr gantry_route run_route = sdk::route(run_case, GANTRY_ACCESS_NONE);
constexpr gantry_route act_route = sdk::route(act, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&run_route, &act_route};
constexpr gantry_request_handler handler = sdk::request_handler<Probe>(routes);
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&handler_offer};

constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need needs_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need needs_commitlog = sdk::need(GANTRY_HOST_COMMITLOG);
constexpr gantry_need needs_plugins = sdk::need(GANTRY_HOST_PLUGINS);
constexpr gantry_need may_use_metadata = sdk::need(GANTRY_CAP_METADATA_STORE, false);
constexpr gantry_need may_use_filter = sdk::need(GANTRY_CAP_FILTER, false);
constexpr gantry_need may_use_topics = sdk::need(GANTRY_CAP_TOPICS, false);
constexpr gantry_need may_use_groups = sdk::need(GANTRY_CAP_GROUPS, false);
constexpr gantry_need may_use_offsets = sdk::need(GANTRY_CAP_OFFSETS, false);
constexpr gantry_need may_use_clients = sdk::need(GANTRY_CAP_CLIENTS, false);
constexpr gantry_need may_use_nobody = sdk::need("org.gantry.contract.nobody/0", false);
constexpr const gantry_need* needs[] = {
    &needs_timer,    &needs_requests, &needs_commitlog, &may_use_metadata, &may_use_filter,
    &needs_plugins, &may_use_topics, &may_use_groups, &may_use_offsets, &may_use_clients,  &may_use_nobody};

constexpr gantry_setting door = sdk::setting_str(
    "door", "The door this module is bound to: its cases send requests to themselves.",
    "contract_probe");
constexpr gantry_setting number =
    sdk::setting_i64("number", "A number the settings case reads back.", 42, 0, 100);
constexpr gantry_setting words =
    sdk::setting_list("words", "A list the settings case reads back.", "one,two");
constexpr gantry_setting replicates = sdk::setting_bool(
    "replicates", "It owns the mark REPLICATED: for the cases that change the log.", false);
constexpr const gantry_setting* settings[] = {&door, &number, &words, &replicates};

constexpr gantry_module module = sdk::module<Probe>(
    {.name = "contract_probe", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::contract

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.contract_probe", "0.1", gantry::contract::modules);
