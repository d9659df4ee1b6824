#include "plugin/plan.hpp"

#include <fmt/format.h>
#include <gantry/cap/clients.h>
#include <gantry/cap/facts.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/index_code.h>
#include <gantry/cap/key_index.h>
#include <gantry/cap/log_consumer.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/put_hook.h>
#include <gantry/cap/queue_index.h>
#include <gantry/cap/request_handler.h>
#include <gantry/cap/store_check.h>
#include <gantry/cap/topics.h>

#include <algorithm>

#include "plugin/library.hpp"

namespace gantry::plugin {
namespace {

const gantry_offer* offer_of(const gantry_module& module, std::string_view capability) {
  for (uint32_t i = 0; i < module.offer_count; ++i) {
    if (capability == module.offers[i]->id) return module.offers[i];
  }
  return nullptr;
}
const gantry_offer* consumer_of(const gantry_module& module) {
  return offer_of(module, GANTRY_CAP_LOG_CONSUMER);
}

// The node is nothing without its index; it can do without others for a while.
const char* on_fault_default(const gantry_offer& offer) {
  const uint32_t flags = static_cast<const gantry_log_consumer*>(offer.table)->flags;
  const bool first_stage = !offer.after || !*offer.after;
  const bool index = (flags & GANTRY_LOG_BOUNDS_VISIBILITY) != 0 ||
                     ((flags & GANTRY_LOG_INLINE) != 0 && first_stage);
  return index ? "fail_node" : "pause";
}

constexpr int64_t second_us = 1'000'000;

std::vector<config::Key> guard_keys(const gantry_module& module) {
  std::vector<config::Key> keys;
  if (module.offer_count == 0) return keys;
  keys.push_back(config::integer(
      "call_budget_us", 1000, 0, 60 * second_us,
      "a call that holds up a shard for longer is counted and logged; 0: none is"));
  const bool may_trip = std::any_of(module.offers, module.offers + module.offer_count,
                                    [](const gantry_offer* offer) { return trips(offer->id); });
  if (!may_trip) return keys;
  keys.push_back(config::integer("call_limit_us", 20'000, 0, 60 * second_us,
                                 "one that holds it up for longer is as bad as one that fails; 0: "
                                 "it may take any time"));
  keys.push_back(config::integer(
      "faults_max", 16, 0, 1'000'000,
      "so many failed calls in a row, and for a pause none is made; 0: any number"));
  keys.push_back(config::integer("pause_ms", 1000, 1, 60'000,
                                 "the first pause; while it goes on failing they double, up to a "
                                 "minute"));
  if (!offer_of(module, GANTRY_CAP_PUT_HOOK)) return keys;
  keys.push_back(config::text(
      "on_hook_fault", "closed",
      "what becomes of a put when the hook fails: closed refuses it, open goes on without the hook, "
      "bypass refuses it until the hook pauses and then goes on, fail_node ends the node instead",
      {"closed", "open", "bypass", "fail_node"}));
  return keys;
}

}  // namespace

bool trips(std::string_view capability) {
  constexpr std::string_view never[] = {
      GANTRY_CAP_REQUEST_HANDLER, GANTRY_CAP_LOG_CONSUMER,   GANTRY_CAP_QUEUE_INDEX,
      GANTRY_CAP_KEY_INDEX,       GANTRY_CAP_METADATA_STORE, GANTRY_CAP_STORE_CHECK,
      GANTRY_CAP_INDEX_CODE,      GANTRY_CAP_TOPICS,         GANTRY_CAP_GROUPS,
      GANTRY_CAP_OFFSETS,         GANTRY_CAP_CLIENTS,        GANTRY_CAP_FACTS};
  return std::find(std::begin(never), std::end(never), capability) == std::end(never);
}

GuardPolicy guard_policy_in(const gantry_module& module, const config::Section& section) {
  const auto number = [&](const char* key, uint64_t otherwise, uint64_t unit) {
    const std::vector<config::Key> keys = guard_keys(module);
    const bool has = std::any_of(keys.begin(), keys.end(),
                                 [&](const config::Key& one) { return one.name == key; });
    return has ? static_cast<uint64_t>(section.integer(key)) * unit : otherwise;
  };
  GuardPolicy policy;
  policy.budget_ns = number("call_budget_us", 0, 1000);
  policy.limit_ns = number("call_limit_us", 0, 1000);
  policy.faults_max = static_cast<uint32_t>(number("faults_max", 0, 1));
  policy.pause_ns = number("pause_ms", policy.pause_ns, 1'000'000);
  if (!offer_of(module, GANTRY_CAP_PUT_HOOK)) return policy;
  const std::string& on_fault = section.text("on_hook_fault");
  if (on_fault == "open") policy.on_fault = OnCallFault::open;
  if (on_fault == "bypass") policy.on_fault = OnCallFault::bypass;
  if (on_fault == "fail_node") policy.on_fault = OnCallFault::fail_node;
  return policy;
}

std::vector<config::Key> common_keys(const gantry_module& module) {
  std::vector<config::Key> keys = {
      config::text("module", "", "module this is an instance of; empty: the instance's name"),
      config::boolean("required", false, "the node does not start without it"),
  };
  for (const config::Key& key : guard_keys(module)) keys.push_back(key);
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
