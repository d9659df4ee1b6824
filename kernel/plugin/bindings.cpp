#include "plugin/bindings.hpp"

#include <fmt/format.h>

namespace gantry::plugin {

Binding& Directory::bind(Instance& target, const gantry_offer& offer) {
  const std::lock_guard lock(mutex_);
  for (const auto& binding : bindings_) {
    if (binding->target == &target && binding->table == offer.table && binding->id == offer.id) {
      return *binding;
    }
  }
  auto made = std::make_unique<Binding>();
  made->id = offer.id;
  made->target = &target;
  made->table = offer.table;
  made->guard = &target.guard(offer);
  bindings_.push_back(std::move(made));
  return *bindings_.back();
}

Outcome<Binding*> Directory::bind(std::string_view id, std::string_view name) {
  for (Instance* instance : instances_) {
    const gantry_offer* offer = instance->offer(id, name);
    if (offer && instance->running()) return &bind(*instance, *offer);
  }
  return fail(fmt::format("no running module offers {}{}{}", id, name.empty() ? "" : " named ",
                          name));
}

std::vector<Instance*> Directory::offering(std::string_view id) const {
  std::vector<Instance*> out;
  for (Instance* instance : instances_) {
    if (instance->running() && instance->offer(id, "")) out.push_back(instance);
  }
  return out;
}

}  // namespace gantry::plugin
