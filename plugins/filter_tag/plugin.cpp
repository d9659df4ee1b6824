// The filter_tag library: one module, which offers gantry.filter under the name TAG.
#include <gantry/plugin.h>

#include "cpp/capabilities.hpp"
#include "cpp/place.hpp"
#include "tag_program.hpp"

namespace gantry::filter_tag {
namespace {

class FilterTag : public sdk::FilterModule {
 public:
  explicit FilterTag(const gantry_host* host)
      : FilterModule(host), tags_max_(static_cast<size_t>(host_.setting_i64("tags_max"))) {}

  std::unique_ptr<TagProgram> compile(const gantry_call&, std::string_view text) const {
    TagExpression expression;
    if (const auto fault = parse(text, tags_max_, expression)) {
      throw sdk::wrong_at(text, fault->at, fault->text);
    }
    return std::make_unique<TagProgram>(std::move(expression));
  }

 private:
  const size_t tags_max_;
};

constexpr gantry_setting setting_tags_max = sdk::setting_i64(
    "tags_max", "The most tags of one subscription; bounds what a client can make the broker keep.",
    4096, 1, 1 << 20);
constexpr const gantry_setting* settings[] = {&setting_tags_max};

constexpr gantry_filter filter = sdk::filter<FilterTag>();
constexpr gantry_offer offer_filter = sdk::offer(GANTRY_CAP_FILTER, "TAG", &filter);
constexpr const gantry_offer* offers[] = {&offer_filter};

constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_settings};

constexpr gantry_module filter_tag = sdk::module<FilterTag>(
    {.name = "filter_tag", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&filter_tag};

}  // namespace
}  // namespace gantry::filter_tag

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.filter.tag", "0.1.0", gantry::filter_tag::modules);
