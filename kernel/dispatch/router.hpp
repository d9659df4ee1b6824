// Router: which module serves a request code on a door. Filled on the control thread before the
// doors accept, constant afterwards; read by every shard.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "dispatch/request.hpp"

namespace gantry::dispatch {

class Router {
 public:
  struct Target {
    RequestHandler* handler = nullptr;
    const Route* route = nullptr;
  };

  // Doors are numbered in the order they are added, as net numbers them.
  void add_door(std::string name, std::vector<int64_t> except);
  // Lists a handler on a door. A fallback route yields to one that isn't, whichever comes first; of
  // fallbacks the first serves. Else the same code twice is a Failure naming door, code and both.
  Outcome<void> add_handler(uint32_t door, RequestHandler& handler);

  // Null handler: nobody serves it there.
  Target find(uint32_t door, int32_t code) const {
    const auto& targets = doors_[door].targets;
    const auto found = targets.find(code);
    return found == targets.end() ? Target{} : found->second;
  }
  const std::vector<RequestHandler*>& handlers(uint32_t door) const {
    return doors_[door].handlers;
  }
  uint32_t door_count() const { return static_cast<uint32_t>(doors_.size()); }
  // door_count() for an unknown name.
  uint32_t door_number(std::string_view name) const;
  const std::string& door_name(uint32_t door) const { return doors_[door].name; }

 private:
  struct Door {
    std::string name;
    std::vector<int64_t> except;
    std::vector<RequestHandler*> handlers;
    boost::unordered_flat_map<int32_t, Target> targets;
  };
  std::vector<Door> doors_;
};

}  // namespace gantry::dispatch
