#include "scripted.hpp"

namespace gantry::sdk::testing {
namespace {

constexpr gantry_route route_1 = route(1, GANTRY_ACCESS_NONE);
constexpr gantry_route route_2 = route(2, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&route_1, &route_2};
constexpr gantry_request_handler handler = request_handler<Scripted>(routes);
constexpr gantry_route fallback_1 = fallback_route(1, GANTRY_ACCESS_NONE);
constexpr const gantry_route* fallback_routes[] = {&fallback_1};
constexpr gantry_request_handler fallback_handler = request_handler<Scripted>(fallback_routes);
constexpr gantry_log_consumer inline_consumer = log_consumer<Scripted>(GANTRY_LOG_INLINE);
constexpr gantry_log_consumer worker_consumer = log_consumer<Scripted>(0);
constexpr int thing = 42;

constexpr const char* after_index[] = {"index", nullptr};
constexpr gantry_offer offer_handler = offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr gantry_offer offer_index = offer(GANTRY_CAP_LOG_CONSUMER, "", &inline_consumer);
constexpr gantry_offer offer_wake =
    offer(GANTRY_CAP_LOG_CONSUMER, "", &worker_consumer, after_index);
constexpr gantry_offer offer_thing = offer("test.thing/0", "one", &thing);

constexpr gantry_offer offer_fallback = offer(GANTRY_CAP_REQUEST_HANDLER, "", &fallback_handler);
constexpr const gantry_offer* handler_offers[] = {&offer_handler};
constexpr const gantry_offer* fallback_offers[] = {&offer_fallback};
constexpr const gantry_offer* index_offers[] = {&offer_index};
constexpr const gantry_offer* wake_offers[] = {&offer_wake};
constexpr const gantry_offer* thing_offers[] = {&offer_thing};

constexpr gantry_need need_thing = need("test.thing/0");
constexpr gantry_need need_store = need(GANTRY_CAP_METADATA_STORE, false);
constexpr const gantry_need* needs_thing[] = {&need_thing};
constexpr const gantry_need* needs_store[] = {&need_store};

constexpr gantry_setting number = setting_i64("number", "A number.", 7, 1, 10);
constexpr gantry_setting flag = setting_bool("flag", "A switch.", true);
constexpr gantry_setting words = setting_list("words", "Words.", "a, b,c");
constexpr gantry_setting name = {sizeof(gantry_setting),
                                 GANTRY_STR,
                                 GANTRY_SETTING_REQUIRED,
                                 0,
                                 "name",
                                 "A name.",
                                 null_value(),
                                 null_value(),
                                 null_value()};
constexpr const gantry_setting* optional_settings[] = {&number, &flag, &words};
constexpr const gantry_setting* required_settings[] = {&name};
constexpr const char* claims[] = {"consumequeue", nullptr};

constexpr gantry_module handler_module = module<Scripted>({.name = "handler",
                                                           .offers = handler_offers,
                                                           .needs = needs_store,
                                                           .settings = optional_settings});
constexpr gantry_module fallback_module =
    module<Scripted>({.name = "fallback", .offers = fallback_offers});
constexpr gantry_module index_module = module<Scripted>({.name = "index", .offers = index_offers});
constexpr gantry_module wake_module = module<Scripted>({.name = "wake", .offers = wake_offers});
constexpr gantry_module provider_module =
    module<Scripted>({.name = "provider", .offers = thing_offers});
constexpr gantry_module user_module = module<Scripted>({.name = "user", .needs = needs_thing});
constexpr gantry_module named_module =
    module<Scripted>({.name = "named", .settings = required_settings});
constexpr gantry_module rooted_module =
    module<Scripted>({.name = "rooted", .flags = GANTRY_MODULE_STORE_ROOT, .store_claims = claims});
constexpr const gantry_module* modules[] = {&handler_module,  &index_module, &wake_module,
                                            &provider_module, &user_module,  &named_module,
                                            &rooted_module,   &fallback_module};

}  // namespace

const gantry_plugin scripted_plugin = plugin("org.gantry.test.scripted", "0.1", modules);

}  // namespace gantry::sdk::testing
