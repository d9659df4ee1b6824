#include "check/rig.hpp"

#include <gantry/cap/queue_index.h>
#include <gantry/host/buffers.h>
#include <gantry/host/capabilities.h>
#include <gantry/host/clock.h>
#include <gantry/host/commitlog.h>
#include <gantry/host/logging.h>
#include <gantry/host/peers.h>
#include <gantry/host/requests.h>
#include <gantry/host/sessions.h>
#include <gantry/host/settings.h>
#include <gantry/host/timer.h>

#include <algorithm>
#include <string_view>

#include "cpp/capabilities.hpp"

namespace gantry::sdk::check {
namespace {

constexpr std::string_view broker_ids[] = {GANTRY_CAP_TOPICS, GANTRY_CAP_GROUPS, GANTRY_CAP_OFFSETS,
                                           GANTRY_CAP_CLIENTS};
constexpr std::string_view met_ids[] = {
    GANTRY_HOST_BUFFERS,       GANTRY_HOST_CAPABILITIES, GANTRY_HOST_CLOCK,
    GANTRY_HOST_COMMITLOG,     GANTRY_HOST_LOGGING,      GANTRY_HOST_PEERS,
    GANTRY_HOST_PLUGINS,
    GANTRY_HOST_REQUESTS,      GANTRY_HOST_SESSIONS,     GANTRY_HOST_SETTINGS,
    GANTRY_HOST_TIMER,         GANTRY_CAP_TOPICS,        GANTRY_CAP_GROUPS,
    GANTRY_CAP_OFFSETS,        GANTRY_CAP_CLIENTS,       GANTRY_CAP_FILTER,
    GANTRY_CAP_METADATA_STORE, GANTRY_CAP_QUEUE_INDEX};

constexpr gantry_queue_index index_table = sdk::queue_index<LogIndex>();

fake::HostOptions host_options(const Subject& subject, const RigOptions& options, fake::Log& log) {
  fake::HostOptions out;
  out.shard_count = 2;
  out.data_dir = subject.data_dir + "/" + options.folder;
  out.log = &log;
  return out;
}

const gantry_need* find_need(const gantry_module& module, std::string_view id) {
  for (uint32_t i = 0; i < module.need_count; ++i)
    if (id == module.needs[i]->id) return module.needs[i];
  return nullptr;
}

const gantry_offer* find_offer(const gantry_module& module, std::string_view id) {
  for (uint32_t i = 0; i < module.offer_count; ++i)
    if (id == module.offers[i]->id) return module.offers[i];
  return nullptr;
}

void expect_it_fits(const gantry_module& module) {
  if (module.flags & GANTRY_MODULE_OWN_THREADS)
    throw Skipped("it has threads of its own, and the fake host has one");
  for (uint32_t i = 0; i < module.need_count; ++i) {
    const std::string_view id = module.needs[i]->id;
    if (module.needs[i]->required && !find_offer(module, id) &&
        std::find(std::begin(met_ids), std::end(met_ids), id) == std::end(met_ids))
      throw Skipped("the fake host has no " + std::string(id) + ", which it needs");
  }
}

fake::SettingValue some_value(const gantry_setting& setting) {
  const gantry_value& bound = setting.least.kind != GANTRY_NULL ? setting.least : setting.most;
  switch (setting.kind) {
    case GANTRY_BOOL:
      return false;
    case GANTRY_I64:
      return bound.kind == GANTRY_I64 ? bound.as.i : int64_t{1};
    case GANTRY_F64:
      return bound.kind == GANTRY_F64 ? bound.as.f : 1.0;
    case GANTRY_LIST:
      return fake::SettingValue::List{};
    default:
      return "some";
  }
}

}  // namespace

fake::Settings required_settings(const gantry_module& module) {
  fake::Settings out;
  for (uint32_t i = 0; i < module.setting_count; ++i)
    if (module.settings[i]->flags & GANTRY_SETTING_REQUIRED)
      out.emplace(module.settings[i]->key, some_value(*module.settings[i]));
  return out;
}

Rig::Rig(const gantry_plugin& plugin, const gantry_module& module, const Subject& subject,
         RigOptions options)
    : module_(module),
      modules_{&module},
      plugin_(plugin),
      stored_(options.stored ? options.stored : std::make_shared<Stored>()),
      log(stored_->log),
      metadata(stored_->metadata),
      host(host_options(subject, options, log)) {
  expect_it_fits(module);
  plugin_.modules = modules_;
  plugin_.module_count = 1;
  const auto wants = [&](std::string_view id) {
    const gantry_need* need = find_need(module, id);
    return need && (need->required || options.offers_optional) && !find_offer(module, id);
  };
  if (wants(GANTRY_CAP_METADATA_STORE)) host.offer(metadata);
  if (wants(GANTRY_CAP_FILTER)) host.offer(filter, "TAG");
  if (std::any_of(std::begin(broker_ids), std::end(broker_ids), wants)) host.offer(broker);
  if (wants(GANTRY_CAP_QUEUE_INDEX))
    host.offer(GANTRY_CAP_QUEUE_INDEX, "", &index_table,
               reinterpret_cast<gantry_instance*>(&index));
  options.settings.merge(required_settings(module));
  instance_ = &host.load(plugin_, module.name, options.settings);
}

const gantry_offer* Rig::offer(std::string_view id) const {
  return find_offer(module_, id);
}

}  // namespace gantry::sdk::check
