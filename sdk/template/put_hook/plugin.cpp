// plugin_name: a put hook. It sees every message on its way into the log and gives it a property.
#include <string>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

class Stamp final : public sdk::Module {
 public:
  explicit Stamp(const gantry_host* host)
      : Module(host), property_(host_.setting_str("property")), value_(host_.setting_str("value")) {
    if (property_.empty()) throw sdk::Refusal(GANTRY_INVALID, "property = \"\": it needs a name");
  }

  // [any] Several shards may be here at once, so what the instance holds is constant. To refuse a
  // message: throw sdk::Refusal(GANTRY_REFUSED, why, response_code).
  gantry_status before(const gantry_call&, const gantry_put& put, sdk::PutEdit& edit) {
    for (uint32_t i = 0; i < put.count; ++i) edit.set_property(i, property_, value_);
    return GANTRY_OK;
  }

 private:
  const std::string property_;
  const std::string value_;
};

// What it can be set to, in [plugins.plugin_name].
constexpr gantry_setting property =
    sdk::setting_str("property", "The property that every message gets.", "STAMPED_BY");
constexpr gantry_setting value = sdk::setting_str("value", "What it says.", "plugin_name");
constexpr const gantry_setting* settings[] = {&property, &value};

// What it offers, and needs of the host.
constexpr gantry_put_hook hook = sdk::put_hook<Stamp>();
constexpr gantry_offer offer_hook = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &hook);
constexpr const gantry_offer* offers[] = {&offer_hook};
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_settings};

constexpr gantry_module module = sdk::module<Stamp>(
    {.name = "plugin_name", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    sdk::plugin("org.example.plugin_name", "0.1", modules);
