// noop: answers request code 9100 at once, with as many fields as a send's answer has. What is left
// of a request when its handler does nothing: the yardstick for the kernel's own work.
#include <array>

#include "cpp/capabilities.hpp"

namespace gantry::noop {
namespace {

constexpr int32_t noop_code = 9100;

class Noop final : public sdk::Module {
 public:
  explicit Noop(const gantry_host* host)
      : Module(host), requests_(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)) {
    response_.struct_size = sizeof response_;
    response_.fields = fields_.data();
    response_.field_count = static_cast<uint32_t>(fields_.size());
  }

  gantry_status handle(const gantry_call&, const gantry_request&, gantry_token token, uint32_t) {
    static_cast<void>(requests_.respond(host_.raw(), token, &response_));  // GONE: it hung up
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  const gantry_requests& requests_;
  const std::array<gantry_property, 6> fields_ = {{
      {sdk::str("msgId"), sdk::str("7F00000100002A9F0000000000A1B2C3")},
      {sdk::str("queueId"), sdk::str("3")},
      {sdk::str("queueOffset"), sdk::str("1048576")},
      {sdk::str("transactionId"), sdk::str("7F0000010A2C18B4AAC2158E6B3A0417")},
      {sdk::str("MSG_REGION"), sdk::str("DefaultRegion")},
      {sdk::str("TRACE_ON"), sdk::str("true")},
  }};
  gantry_response response_{};
};

constexpr gantry_route noop_route = sdk::route(noop_code, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&noop_route};
constexpr gantry_request_handler handler = sdk::request_handler<Noop>(routes);
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_handler};
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr const gantry_need* needs[] = {&need_requests};
constexpr gantry_module module =
    sdk::module<Noop>({.name = "noop", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::noop

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.noop", "1.0", gantry::noop::modules);
