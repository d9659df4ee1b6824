// put_hooks: modules that meet records on their way into the log. hook_redirect sends what has a
// DELAY_TO elsewhere and says where it was to go, as a delayed message is kept; it also gives these
// records their due time as index code. hook_refuse and hook_fault let nothing through that asks so.
#include <charconv>
#include <stdexcept>
#include <string>

#include "cpp/capabilities.hpp"

namespace gantry::put_hooks {
namespace {

using sdk::record;
using sdk::view;

constexpr std::string_view delayed_topic = "DELAYED";

// The value of a property of stored text, empty for none.
std::string_view value_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('\x02'));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '\x01') {
      return pair.substr(name.size() + 1);
    }
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
  return {};
}

int64_t number_in(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw sdk::Refusal(GANTRY_REFUSED, "DELAY_TO: " + std::string(text) + " is no time", 13);
  }
  return number;
}

class Redirect final : public sdk::Module {
 public:
  using Module::Module;

  gantry_status before(const gantry_call&, const gantry_put& put, sdk::PutEdit& edit) {
    for (uint32_t i = 0; i < put.count; ++i) {
      const gantry_message& message = record(put, i);
      number_in(value_of(view(message.property_text), "DELAY_TO"));
      edit.set_property(i, "REAL_TOPIC", view(message.topic));
      edit.set_property(i, "REAL_QID", std::to_string(message.queue_id));
      edit.replace_body(i, "later: " + std::string(view(message.body)));
    }
    edit.redirect(delayed_topic, 0);
    return GANTRY_OK;
  }
  void appended(const gantry_call&, const gantry_put& put, const gantry_put_result& result) {
    host_.info("kept for later: " + std::string(view(record(put, 0).topic)) + " at " +
               std::to_string(result.first_queue_offset));
  }
  int64_t code(const gantry_call&, const gantry_message& message) {
    return number_in(value_of(view(message.property_text), "DELAY_TO"));
  }
};

class Refuse final : public sdk::Module {
 public:
  using Module::Module;
  gantry_status before(const gantry_call&, const gantry_put& put, sdk::PutEdit&) {
    throw sdk::Refusal(GANTRY_REFUSED, "no records for " + std::string(view(record(put, 0).topic)),
                       16);
  }
};

class Fault final : public sdk::Module {
 public:
  using Module::Module;
  gantry_status before(const gantry_call&, const gantry_put& put, sdk::PutEdit& edit) {
    if (value_of(view(record(put, 0).property_text), "FAULT") == "edit") edit.redirect("", 0);
    throw std::runtime_error("it was asked to fail");
  }
};

constexpr gantry_str delay_names[] = {sdk::str("DELAY_TO")};
constexpr gantry_str refuse_names[] = {sdk::str("REFUSE")};
constexpr gantry_str fault_names[] = {sdk::str("FAULT")};
constexpr gantry_str topics[] = {sdk::str(delayed_topic)};

constexpr gantry_put_hook redirect = sdk::put_hook<Redirect>(delay_names);
constexpr gantry_put_hook refuse = sdk::put_hook<Refuse>(refuse_names);
constexpr gantry_put_hook fault = sdk::put_hook<Fault>(fault_names);
constexpr gantry_index_code due_time = sdk::index_code<Redirect>(topics);

constexpr gantry_offer offer_redirect = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &redirect);
constexpr gantry_offer offer_due_time = sdk::offer(GANTRY_CAP_INDEX_CODE, "", &due_time);
constexpr gantry_offer offer_refuse = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &refuse);
constexpr gantry_offer offer_fault = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &fault);
constexpr const gantry_offer* redirect_offers[] = {&offer_redirect, &offer_due_time};
constexpr const gantry_offer* refuse_offers[] = {&offer_refuse};
constexpr const gantry_offer* fault_offers[] = {&offer_fault};
constexpr gantry_need need_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr const gantry_need* needs[] = {&need_logging};

constexpr gantry_module redirect_module =
    sdk::module<Redirect>({.name = "hook_redirect", .offers = redirect_offers, .needs = needs});
constexpr gantry_module refuse_module =
    sdk::module<Refuse>({.name = "hook_refuse", .offers = refuse_offers});
constexpr gantry_module fault_module =
    sdk::module<Fault>({.name = "hook_fault", .offers = fault_offers});
constexpr const gantry_module* modules[] = {&redirect_module, &refuse_module, &fault_module};

}  // namespace
}  // namespace gantry::put_hooks

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.test.put_hooks", "0.1", gantry::put_hooks::modules);
