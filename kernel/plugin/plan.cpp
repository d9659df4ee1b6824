#include "plugin/plan.hpp"

#include <fmt/format.h>
#include <gantry/cap/log_consumer.h>

#include "plugin/library.hpp"

namespace gantry::plugin {
namespace {

const gantry_offer* consumer_of(const gantry_module& module) {
  for (uint32_t i = 0; i < module.offer_count; ++i) {
    if (std::string_view(module.offers[i]->id) == GANTRY_CAP_LOG_CONSUMER) return module.offers[i];
  }
  return nullptr;
}

// The node is nothing without its index; it can do without others for a while.
const char* on_fault_default(const gantry_offer& offer) {
  const uint32_t flags = static_cast<const gantry_log_consumer*>(offer.table)->flags;
  const bool first_stage = !offer.after || !*offer.after;
  const bool index = (flags & GANTRY_LOG_BOUNDS_VISIBILITY) != 0 ||
                     ((flags & GANTRY_LOG_INLINE) != 0 && first_stage);
  return index ? "fail_node" : "pause";
}

}  // namespace

std::vector<config::Key> common_keys(const gantry_module& module) {
  std::vector<config::Key> keys = {
      config::text("module", "", "module this is an instance of; empty: the instance's name"),
      config::boolean("required", false, "the node does not start without it"),
  };
  const gantry_offer* consumer = consumer_of(module);
  if (!consumer) return keys;
  keys.push_back(config::text(
      "on_fault", on_fault_default(*consumer),
      "when it cannot consume a record of the log: fail_node ends the node, pause goes on without "
      "it until the next start, skip passes the record over",
      {"fail_node", "pause", "skip"}));
  keys.push_back(config::text(
      "on_lag", "hold",
      "when the disk needs room that it has not consumed: hold keeps the log for it, drop does not",
      {"hold", "drop"}));
  return keys;
}

dispatch::ConsumerPolicy policy_in(const gantry_module& module, const config::Section& section) {
  dispatch::ConsumerPolicy policy;
  if (!consumer_of(module)) return policy;
  const std::string& on_fault = section.text("on_fault");
  if (on_fault == "pause") policy.on_fault = dispatch::OnFault::pause;
  if (on_fault == "skip") policy.on_fault = dispatch::OnFault::skip;
  if (section.text("on_lag") == "drop") policy.on_lag = dispatch::OnLag::drop;
  return policy;
}

bool required_in(const config::Document& document, const std::string& table) {
  return document.peek_boolean(table, "required").value_or(false);
}

Outcome<void> check_revisions(const gantry_module& module, const std::string& library,
                              bool experimental) {
  if (experimental) return {};
  const auto refuse = [&](const char* id) {
    return fail(fmt::format("{}: module {}: {} is experimental; plugin.experimental = true "
                            "permits it",
                            library, module.name, id));
  };
  for (uint32_t i = 0; i < module.offer_count; ++i) {
    if (revision_of(module.offers[i]->id) == 0) return refuse(module.offers[i]->id);
  }
  for (uint32_t i = 0; i < module.need_count; ++i) {
    if (revision_of(module.needs[i]->id) == 0) return refuse(module.needs[i]->id);
  }
  return {};
}

}  // namespace gantry::plugin
