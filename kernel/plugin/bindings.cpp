#include "plugin/bindings.hpp"

#include <fmt/format.h>

namespace gantry::plugin {

Outcome<Binding*> Directory::bind(std::string_view id, std::string_view name) {
  for (Instance* instance : instances_) {
    const gantry_offer* offer = instance->offer(id, name);
    if (!offer || !instance->running()) continue;
    const std::lock_guard lock(mutex_);
    for (const auto& binding : bindings_) {
      if (binding->target == instance && binding->table == offer->table && binding->id == id) {
        return binding.get();
      }
    }
    auto made = std::make_unique<Binding>();
    made->id = id;
    made->target = instance;
    made->table = offer->table;
    bindings_.push_back(std::move(made));
    return bindings_.back().get();
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
