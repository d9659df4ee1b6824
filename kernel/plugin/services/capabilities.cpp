// gantry.host.capabilities: one module calls another.
#include <fmt/format.h>

#include "plugin/bindings.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

Binding& binding_of(gantry_binding* binding) { return *reinterpret_cast<Binding*>(binding); }

gantry_status bind(const gantry_host* host, const char* id, gantry_str name, gantry_binding** out,
                   gantry_error* error) {
  Instance& caller = Instance::of(host);
  if (!caller.needs(id)) {
    return tell(error, GANTRY_INVALID, 0,
                fmt::format("{} does not list {} among its needs", caller.name(), id));
  }
  Outcome<Binding*> found = caller.context().directory->bind(id, view(name));
  if (!found) return tell(error, GANTRY_GONE, 0, found.error().text);
  *out = reinterpret_cast<gantry_binding*>(*found);
  return GANTRY_OK;
}

gantry_status enter(gantry_binding* binding, const gantry_call* call, gantry_lease* out) {
  if (binding_of(binding).enter(*out)) return GANTRY_OK;
  return tell(call ? call->error : nullptr, GANTRY_REFUSED, 0,
              binding_of(binding).not_entered());
}

void leave(gantry_lease* lease, gantry_status status) { binding_of(lease->binding).leave(status); }

uint64_t generation(const gantry_binding* binding) {
  return reinterpret_cast<const Binding*>(binding)->generation;
}

uint32_t list(const gantry_host* host, const char* id, gantry_str* names, uint32_t capacity) {
  uint32_t count = 0;
  for (const Instance* instance : Instance::of(host).context().directory->offering(id)) {
    for (uint32_t i = 0; i < instance->module().offer_count; ++i) {
      const gantry_offer& offer = *instance->module().offers[i];
      if (std::string_view(offer.id) != id) continue;
      const std::string_view name = *offer.name ? std::string_view(offer.name) : instance->name();
      if (count < capacity) names[count] = str(name);
      ++count;
    }
  }
  return count;
}

}  // namespace

const gantry_capabilities& capabilities_service() {
  static constexpr gantry_capabilities table{sizeof table, 0, bind, enter, leave, generation, list};
  return table;
}

}  // namespace gantry::plugin
