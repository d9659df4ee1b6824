// plugin_name: a request handler. It answers request code 9001 with a greeting to whom the request
// names in its field "name".
#include <string>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

constexpr int32_t greet_code = 9001;       // RocketMQ's own codes are in its RequestCode
constexpr int32_t invalid_parameter = 29;  // RocketMQ's response code

class Greet final : public sdk::Module {
 public:
  explicit Greet(const gantry_host* host)
      : Module(host), greeting_(host_.setting_str("greeting")) {}

  gantry_status start(gantry_token) override {
    requests_ = &host_.service<gantry_requests>(GANTRY_HOST_REQUESTS);
    return GANTRY_OK;
  }

  // [shard] Never waits; `request` is borrowed until this returns.
  gantry_status handle(const gantry_call&, const gantry_request& request, gantry_token token,
                       uint32_t) {
    const std::string greeting = greeting_ + ", " + std::string(name_in(request));
    const gantry_property field = {sdk::str("greeting"), sdk::str(greeting)};
    gantry_response response{};
    response.struct_size = sizeof response;
    response.fields = &field;
    response.field_count = 1;
    requests_->respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  static std::string_view name_in(const gantry_request& request) {
    for (uint32_t i = 0; i < request.field_count; ++i) {
      const gantry_property& field = request.fields[i];
      if (sdk::view(field.key) == "name" && field.value.size > 0) return sdk::view(field.value);
    }
    throw sdk::Refusal(GANTRY_INVALID, "name: missing or empty", invalid_parameter);
  }

  const std::string greeting_;
  const gantry_requests* requests_ = nullptr;
};

// What it can be set to, in [plugins.plugin_name].
constexpr gantry_setting greeting =
    sdk::setting_str("greeting", "What clients are greeted with.", "hello");
constexpr const gantry_setting* settings[] = {&greeting};

// What it serves, and for whom; what it offers, and needs of the host.
constexpr gantry_route greet_route = sdk::route(greet_code, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&greet_route};
constexpr gantry_request_handler handler = sdk::request_handler<Greet>(routes);
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_handler};
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_requests, &need_settings};

constexpr gantry_module module = sdk::module<Greet>(
    {.name = "plugin_name", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    sdk::plugin("org.example.plugin_name", "0.1", modules);
