// Built with default visibility and without plugin.map: the static of an inline function is unique
// in the process, and its library is never unmapped.
#include "cpp/capabilities.hpp"

namespace faulty {

inline int& count() {
  static int counted = 0;
  return counted;
}

}  // namespace faulty

namespace {

namespace sdk = gantry::sdk;

class Faulty : public sdk::Module {
 public:
  using Module::Module;

  gantry_status handle(const gantry_call&, const gantry_request&, gantry_token token, uint32_t) {
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = ++faulty::count();
    host_.service<gantry_requests>(GANTRY_HOST_REQUESTS).respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}
};

constexpr gantry_route all_routes[] = {sdk::route(9200, GANTRY_ACCESS_NONE)};
constexpr const gantry_route* routes[] = {&all_routes[0]};
constexpr gantry_request_handler handler = sdk::request_handler<Faulty>(routes);
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
