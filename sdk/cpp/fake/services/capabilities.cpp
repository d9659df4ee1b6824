// gantry.host.capabilities: to offers of the test and of instances in the same host.
#include <algorithm>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

InstanceState& of(const gantry_host* host) {
  return InstanceState::of(host);
}

gantry_status bind(const gantry_host* host, const char* id, gantry_str name, gantry_binding** out,
                   gantry_error* error) {
  InstanceState& asker = of(host);
  Core& core = *asker.core;
  core.expect(asker, "capabilities.bind", {Place::Kind::control});
  if (!asker.needs(id))
    return set_error(error, GANTRY_INVALID, "id: " + std::string(id) + " is not among its needs");
  Binding binding;
  binding.core = &core;
  binding.id = id;
  for (InstanceState& instance : core.instances) {
    const gantry_offer* offer = instance.offer(id, view(name));
    if (binding.table || !offer) continue;
    binding.target = &instance;
    binding.table = offer->table;
  }
  for (const FakeOffer& offer : core.offers) {
    if (binding.table || offer.id != id || (name.size > 0 && offer.name != view(name))) continue;
    binding.fake_self = offer.self;
    binding.table = offer.table;
  }
  if (!binding.table) return set_error(error, GANTRY_GONE, "nobody offers " + std::string(id));
  asker.bindings.push_back(binding);
  *out = reinterpret_cast<gantry_binding*>(&asker.bindings.back());
  return GANTRY_OK;
}

gantry_status enter(gantry_binding* opaque, const gantry_call* call, gantry_lease* out) {
  Binding& binding = *reinterpret_cast<Binding*>(opaque);
  if (binding.target && (!binding.target->running || binding.target->tripped))
    return set_error(call ? call->error : nullptr, GANTRY_REFUSED,
                     binding.target->name + " is not running");
  ++binding.open_leases;
  *out = {binding.target ? binding.target->self : binding.fake_self, binding.table, opaque, 1};
  return GANTRY_OK;
}

void leave(gantry_lease* lease, gantry_status) {
  Binding& binding = *reinterpret_cast<Binding*>(lease->binding);
  if (binding.open_leases == 0)
    return binding.core->breach("capabilities.leave without enter, of " + binding.id);
  --binding.open_leases;
}

uint64_t generation(const gantry_binding*) {
  return 1;
}

uint32_t list(const gantry_host* host, const char* id, gantry_str* names, uint32_t capacity) {
  uint32_t count = 0;
  const auto add = [&](std::string_view name) {
    if (count < capacity) names[count] = str(name);
    ++count;
  };
  for (const InstanceState& instance : of(host).core->instances)
    for (uint32_t i = 0; i < instance.module->offer_count; ++i)
      if (instance.running && std::string_view(instance.module->offers[i]->id) == id)
        add(*instance.module->offers[i]->name ? instance.module->offers[i]->name
                                              : std::string_view(instance.name));
  for (const FakeOffer& offer : of(host).core->offers)
    if (offer.id == id) add(offer.name);
  return count;
}

}  // namespace

const gantry_capabilities& capabilities_service() {
  static constexpr gantry_capabilities table{sizeof table, 0, bind, enter, leave, generation, list};
  return table;
}

}  // namespace gantry::sdk::fake
