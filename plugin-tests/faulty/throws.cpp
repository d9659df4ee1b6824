// Has no barrier: what is thrown in it leaves it.
#include <stdexcept>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

class Faulty : public sdk::Module {
 public:
  using Module::Module;
};

gantry_status handle(gantry_instance*, const gantry_call*, const gantry_request*, gantry_token,
                     uint32_t) {
  throw std::runtime_error("nobody catches this");
}
void session_closed(gantry_instance*, const gantry_call*, gantry_session) {}

constexpr gantry_route all_routes[] = {sdk::route(9200, GANTRY_ACCESS_NONE)};
constexpr const gantry_route* routes[] = {&all_routes[0]};
constexpr gantry_request_handler handler = {sizeof handler, 1, routes, handle, session_closed};
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_handler};
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr const gantry_need* needs[] = {&need_requests};
constexpr gantry_module faulty =
    sdk::module<Faulty>({.name = "faulty", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&faulty};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.faulty", "1", modules);
