#include "plugin/plan.hpp"

#include <fmt/format.h>

#include "plugin/library.hpp"

namespace gantry::plugin {

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
