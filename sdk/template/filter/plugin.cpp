// plugin_name: a filter. It judges messages for subscriptions of the type CONTAINS, whose
// expression is a text that the body must have in it.
#include <string>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

// A compiled expression. It serves all shards at once, so it is constant.
class Program {
 public:
  explicit Program(std::string_view wanted) : wanted_(wanted) {}

  // [any] A filter that can tell by the queue index alone also has match_index.
  void match(const gantry_call&, const gantry_batch& batch, uint8_t* verdicts) const {
    const auto* at = reinterpret_cast<const char*>(batch.first);
    for (uint32_t i = 0; i < batch.count; ++i, at += batch.stride) {
      const std::string_view body = sdk::view(reinterpret_cast<const gantry_message*>(at)->body);
      const bool found = body.find(wanted_) != std::string_view::npos;
      verdicts[i] = found ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
    }
  }

 private:
  const std::string wanted_;
};

class Contains final : public sdk::FilterModule {
 public:
  explicit Contains(const gantry_host* host)
      : FilterModule(host), bytes_max_(static_cast<size_t>(host_.setting_i64("bytes_max"))) {}

  // [worker]
  std::unique_ptr<Program> compile(const gantry_call&, std::string_view expression) const {
    if (expression.empty())
      throw sdk::ExpressionError(1, 1, "line 1, column 1: no text to look for");
    if (expression.size() > bytes_max_) {
      throw sdk::ExpressionError(0, 0,
                                 "a text of " + std::to_string(expression.size()) +
                                     " bytes, at most " + std::to_string(bytes_max_));
    }
    return std::make_unique<Program>(expression);
  }

 private:
  const size_t bytes_max_;
};

// What it can be set to, in [plugins.plugin_name].
constexpr gantry_setting bytes_max =
    sdk::setting_i64("bytes_max", "The longest text a subscription may look for.", 256, 1, 65536);
constexpr const gantry_setting* settings[] = {&bytes_max};

// What it offers: the name is the expression type as clients send it. What it needs of the host.
constexpr gantry_filter filter = sdk::filter<Contains>();
constexpr gantry_offer offer_filter = sdk::offer(GANTRY_CAP_FILTER, "CONTAINS", &filter);
constexpr const gantry_offer* offers[] = {&offer_filter};
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_settings};

constexpr gantry_module module = sdk::module<Contains>(
    {.name = "plugin_name", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    sdk::plugin("org.example.plugin_name", "0.1", modules);
