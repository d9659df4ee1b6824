// Sample: a plugin linked into the test, whose modules do what a case tells them to.
#pragma once

#include <gantry/plugin.h>

#include <functional>
#include <string>
#include <vector>

#include "cpp/capabilities.hpp"

namespace gantry::testing {

// What the next instances do, and what they have done. Reset by each case.
struct Script {
  std::function<void(const gantry_host*)> create;
  std::function<gantry_status(const gantry_host*, gantry_token)> start;
  std::vector<std::string> journal;
};
inline Script script;

class Sample : public sdk::Module {
 public:
  explicit Sample(const gantry_host* host) : Module(host) {
    note("create");
    if (script.create) script.create(host);
  }
  ~Sample() override { note("destroy"); }
  gantry_status start(gantry_token token) override {
    note("start");
    return script.start ? script.start(host_.raw(), token) : GANTRY_OK;
  }
  gantry_status quiesce(gantry_token) override {
    note("quiesce");
    return GANTRY_OK;
  }
  gantry_status drain(gantry_token) override {
    note("drain");
    return GANTRY_OK;
  }
  void stop() override { note("stop"); }

  gantry_status write(const gantry_call*, std::span<const gantry_document>, uint32_t,
                      gantry_completion) {
    return GANTRY_OK;
  }
  gantry_status scan(gantry_str, gantry_bytes, gantry_status (*)(void*, const gantry_document*),
                     void*) {
    return GANTRY_OK;
  }
  gantry_status read(gantry_str, gantry_bytes, gantry_slice&) { return GANTRY_GONE; }

 private:
  void note(const char* what) {
    script.journal.push_back(std::string(host_.name()) + " " + what);
  }
};

inline constexpr gantry_metadata_store store_table = sdk::metadata_store<Sample>();
inline constexpr gantry_offer store_offer = sdk::offer(GANTRY_CAP_METADATA_STORE, "", &store_table);
inline constexpr const gantry_offer* store_offers[] = {&store_offer};
inline constexpr gantry_need store_need = sdk::need(GANTRY_CAP_METADATA_STORE);
inline constexpr gantry_need timer_need = sdk::need(GANTRY_HOST_TIMER);
inline constexpr const gantry_need* user_needs[] = {&store_need, &timer_need};
inline constexpr gantry_setting size_setting =
    sdk::setting_i64("size_bytes", "how large", 10, 1, 100);
inline constexpr gantry_setting names_setting = sdk::setting_list("names", "who", "a,b");
inline constexpr gantry_setting scope_topic_setting =
    sdk::setting_str("scope[].topic", "which", "*");
inline constexpr gantry_setting scope_share_setting =
    sdk::setting_i64("scope[].share_percent", "how much", 50, 0, 100);
inline constexpr const gantry_setting* user_settings[] = {
    &size_setting, &names_setting, &scope_topic_setting, &scope_share_setting};

// `user` needs what `store` offers and is listed first.
inline constexpr gantry_module user_module =
    sdk::module<Sample>({.name = "user", .needs = user_needs, .settings = user_settings});
inline constexpr gantry_module store_module =
    sdk::module<Sample>({.name = "store", .offers = store_offers});
inline constexpr const gantry_module* sample_modules[] = {&user_module, &store_module};
inline constexpr gantry_plugin sample_plugin =
    sdk::plugin("org.gantry.sample", "1.0", sample_modules);

}  // namespace gantry::testing
