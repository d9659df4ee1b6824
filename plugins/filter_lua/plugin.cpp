// The filter_lua library: one module, whose scripts are filters of type LUA, bound by the operator or
// subscribed to, and the function lua() of other expressions.
#include <gantry/plugin.h>

#include "cpp/capabilities.hpp"
#include "filter_lua.hpp"
#include "protocol/admin_codes.hpp"

namespace gantry::filter_lua {
namespace {

namespace code = protocol::admin_code;

constexpr gantry_setting scripts = sdk::setting_str(
    "scripts", "The folder of the scripts, <name>.lua each; empty: gantry/filter_lua of the store.", "");
constexpr gantry_setting sources = sdk::setting_bool(
    "sources",
    "true: a client may subscribe with a text of Lua instead of a script's name; it can use up each "
    "read's budget then.",
    false);
constexpr gantry_setting on_error = sdk::setting_str(
    "on_error",
    "What becomes of a message that a script fails on, where nothing else is said: \"stop\" the "
    "reader with an error, \"deliver\" it, or \"skip\" it.",
    "stop");
constexpr gantry_setting instructions_max = sdk::setting_i64(
    "instructions_max",
    "The most of Lua's instructions for one message; a shard waits for them, 100000 are about a "
    "millisecond.",
    100'000, 1'000, 1'000'000'000);
constexpr gantry_setting memory_bytes_max = sdk::setting_i64(
    "memory_bytes_max", "The most memory of one script on one shard; bodies it looks at are in it.",
    8 << 20, 128 << 10, int64_t{1} << 32);
constexpr gantry_setting run_us_max = sdk::setting_i64(
    "run_us_max", "The most processor time for one message, for what instructions don't tell.", 10'000,
    100, 10'000'000);
constexpr gantry_setting failures_max = sdk::setting_i64(
    "failures_max", "After so many failures in a row a script is not called for a while.", 8, 1,
    1'000'000);
constexpr gantry_setting retry_ms = sdk::setting_i64(
    "retry_ms", "How long it is not called at first; each further time is twice as long.", 1'000, 1,
    3'600'000);
constexpr gantry_setting retry_ms_max = sdk::setting_i64(
    "retry_ms_max", "The longest of these times.", 60'000, 1, 3'600'000);
constexpr gantry_setting scan_ms = sdk::setting_i64(
    "scan_ms", "How often the folder is looked at for new and changed scripts.", 1'000, 10, 3'600'000);
constexpr gantry_setting script_bytes_max = sdk::setting_i64(
    "script_bytes_max", "The largest script.", 1 << 20, 1'024, 64 << 20);
constexpr gantry_setting uses_max = sdk::setting_i64(
    "uses_max",
    "The most different scripts, with their arguments, in use at a time; each has a state of Lua on "
    "each shard.",
    1'000, 1, 1'000'000);
constexpr gantry_setting bind_topic = sdk::setting_str(
    "bind[].topic", "The topic whose readers get only what the script lets through; * is every topic.",
    "", GANTRY_SETTING_REQUIRED);
constexpr gantry_setting bind_group = sdk::setting_str(
    "bind[].group", "The consumer group that does; * is every group.", "*");
constexpr gantry_setting bind_script = sdk::setting_str(
    "bind[].script", "The name of the script, without .lua.", "", GANTRY_SETTING_REQUIRED);
constexpr gantry_setting bind_arguments = sdk::setting_str(
    "bind[].arguments", "What the script's open() is given, one line.", "");
constexpr gantry_setting bind_on_error = sdk::setting_str(
    "bind[].on_error", "As on_error, for this binding; empty: as on_error says.", "");
constexpr const gantry_setting* settings[] = {
    &scripts,      &sources,  &on_error,     &instructions_max, &memory_bytes_max, &run_us_max,
    &failures_max, &retry_ms, &retry_ms_max, &scan_ms,          &script_bytes_max, &uses_max,
    &bind_topic,   &bind_group, &bind_script, &bind_arguments,  &bind_on_error};

constexpr gantry_filter filter = sdk::filter<FilterLua>();
constexpr gantry_function function = sdk::function<FilterLua>();
constexpr gantry_facts facts = sdk::facts<FilterLua>();
constexpr gantry_route route_reload = sdk::route(code::filter_reload, GANTRY_ACCESS_ADMIN);
constexpr const gantry_route* routes[] = {&route_reload};
constexpr gantry_request_handler handler = sdk::request_handler<FilterLua>(routes);

constexpr gantry_offer offer_filter = sdk::offer(GANTRY_CAP_FILTER, "LUA", &filter);
constexpr gantry_offer offer_function = sdk::offer(GANTRY_CAP_FUNCTION, "lua", &function);
constexpr gantry_offer offer_facts = sdk::offer(GANTRY_CAP_FACTS, "", &facts);
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_filter, &offer_function, &offer_facts,
                                          &offer_handler};

constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need need_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need need_clock = sdk::need(GANTRY_HOST_CLOCK);
constexpr gantry_need need_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need need_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr const gantry_need* needs[] = {&need_settings, &need_logging, &need_clock,
                                        &need_timer,    &need_buffers, &need_requests};

constexpr gantry_module filter_lua = sdk::module<FilterLua>(
    {.name = "filter_lua", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&filter_lua};

}  // namespace
}  // namespace gantry::filter_lua

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.filter.lua", "0.1.0", gantry::filter_lua::modules);
