#include "dispatch/router.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::dispatch {

void Router::add_door(std::string name, std::vector<int64_t> except) {
  doors_.push_back({std::move(name), std::move(except), {}, {}});
}

Outcome<void> Router::add_handler(uint32_t door, RequestHandler& handler) {
  Door& at = doors_[door];
  for (const Route& route : handler.routes()) {
    if (std::find(at.except.begin(), at.except.end(), route.code) != at.except.end()) continue;
    const auto [entry, added] = at.targets.try_emplace(route.code, Target{&handler, &route});
    if (added || route.fallback) continue;
    if (entry->second.route->fallback) {
      entry->second = {&handler, &route};
    } else {
      return fail(fmt::format("door {}: request code {} is served by both {} and {}", at.name,
                              route.code, entry->second.handler->name(), handler.name()));
    }
  }
  at.handlers.push_back(&handler);
  return {};
}

uint32_t Router::door_number(std::string_view name) const {
  const auto found = std::find_if(doors_.begin(), doors_.end(),
                                  [&](const Door& door) { return door.name == name; });
  return static_cast<uint32_t>(found - doors_.begin());
}

}  // namespace gantry::dispatch
