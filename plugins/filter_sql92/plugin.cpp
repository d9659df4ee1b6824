// The filter_sql92 library: one module, which offers gantry.filter under the name SQL92.
#include <gantry/plugin.h>

#include "cpp/capabilities.hpp"
#include "functions.hpp"
#include "parser.hpp"
#include "sql_program.hpp"

namespace gantry::filter_sql92 {
namespace {

class FilterSql92 : public sdk::FilterModule {
 public:
  explicit FilterSql92(const gantry_host* host)
      : FilterModule(host),
        options_{.java_trailing = host_.setting_bool("java_trailing"),
                 .depth_max = static_cast<size_t>(host_.setting_i64("depth_max")),
                 .terms_max = static_cast<size_t>(host_.setting_i64("terms_max"))} {}

  gantry_status start(gantry_token) override {
    functions_.bind(host_);
    return GANTRY_OK;
  }

  std::unique_ptr<SqlProgram> compile(const gantry_call& call, std::string_view text) const {
    return std::make_unique<SqlProgram>(Parser(text, options_, functions_, call).parse(),
                                        host_.shard_count());
  }

 private:
  const ParseOptions options_;
  Functions functions_;
};

constexpr gantry_setting setting_java_trailing = sdk::setting_bool(
    "java_trailing",
    "As RocketMQ's broker does, ignore what follows a complete expression, so that a LIKE 'x' is a; "
    "no LIKE and no functions then. false: it is an error.",
    false);
constexpr gantry_setting setting_depth_max = sdk::setting_i64(
    "depth_max", "The most parentheses, signs and NOTs inside one another; bounds a worker's stack.",
    1024, 1, 2048);
constexpr gantry_setting setting_terms_max = sdk::setting_i64(
    "terms_max",
    "The most properties, constants and calls of one expression; bounds what a client can make the "
    "broker keep.",
    8192, 1, 1 << 20);
constexpr const gantry_setting* settings[] = {&setting_java_trailing, &setting_depth_max,
                                              &setting_terms_max};

constexpr gantry_filter filter = sdk::filter<FilterSql92>();
constexpr gantry_offer offer_filter = sdk::offer(GANTRY_CAP_FILTER, "SQL92", &filter);
constexpr const gantry_offer* offers[] = {&offer_filter};

constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need need_capabilities = sdk::need(GANTRY_HOST_CAPABILITIES);
constexpr gantry_need need_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need need_functions = sdk::need(GANTRY_CAP_FUNCTION, false);
constexpr const gantry_need* needs[] = {&need_settings, &need_capabilities, &need_logging,
                                        &need_functions};

constexpr gantry_module filter_sql92 = sdk::module<FilterSql92>(
    {.name = "filter_sql92", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&filter_sql92};

}  // namespace
}  // namespace gantry::filter_sql92

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.filter.sql92", "0.1.0", gantry::filter_sql92::modules);
