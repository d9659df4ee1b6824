#include "plugin/inspect.hpp"

#include <fmt/format.h>

#include "plugin/settings.hpp"

namespace gantry::plugin {
namespace {

std::string flags_of(const gantry_module& module) {
  std::string out;
  const auto add = [&](uint32_t flag, const char* name) {
    if (module.flags & flag) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  };
  add(GANTRY_MODULE_RESTART_ONLY, "restart only");
  add(GANTRY_MODULE_STAYS_MAPPED, "stays mapped");
  add(GANTRY_MODULE_OWN_THREADS, "own threads");
  add(GANTRY_MODULE_STORE_ROOT, "writes under the store root");
  return out;
}

// Whether the next host may have changed it.
const char* standing_of(const char* id) {
  return revision_of(id) == 0 ? "experimental" : "stable";
}

std::string inspect_module(const gantry_module& module) {
  std::string out = fmt::format("  module {}\n", module.name);
  if (const std::string flags = flags_of(module); !flags.empty()) {
    out += fmt::format("    flags     {}\n", flags);
  }
  for (uint32_t i = 0; i < module.offer_count; ++i) {
    const gantry_offer& offer = *module.offers[i];
    out += fmt::format("    offers    {}{}{}, {}", offer.id, *offer.name ? " as " : "", offer.name,
                       standing_of(offer.id));
    for (const char* const* after = offer.after; after && *after; ++after) {
      out += fmt::format(", after {}", *after);
    }
    out += '\n';
  }
  for (uint32_t i = 0; i < module.need_count; ++i) {
    const gantry_need& need = *module.needs[i];
    out += fmt::format("    needs     {}{}, {}\n", need.id, need.required ? "" : " (optional)",
                       standing_of(need.id));
  }
  for (const std::string& line : describe_settings(module)) {
    out += fmt::format("    setting   {}\n", line);
  }
  return out;
}

}  // namespace

std::string inspect(const Library& library) {
  const gantry_plugin& plugin = library.plugin();
  std::string out = fmt::format("{}\n  plugin {} {}, ABI {}.{}\n", library.file(), plugin.id,
                                plugin.version, plugin.abi_major, plugin.abi_minor);
  for (const gantry_module* module : library.modules()) out += inspect_module(*module);
  return out;
}

std::string summarise(const Library& library) {
  std::string out;
  for (const gantry_module* module : library.modules()) {
    std::string offers;
    for (uint32_t i = 0; i < module->offer_count; ++i) {
      offers += fmt::format("{}{}", offers.empty() ? "" : ", ", module->offers[i]->id);
    }
    out += fmt::format("{:<24} {:<10} {}\n", module->name, library.plugin().version, offers);
  }
  return out;
}

}  // namespace gantry::plugin
