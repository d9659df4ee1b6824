// Binding: what gantry_binding points at: an offer of an instance, found by id and name. Directory:
// all instances of the node, and who offers what. Owned by PluginHost; filled on the control thread
// before instances start.
#pragma once

#include <gantry/host/capabilities.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/instance.hpp"

namespace gantry::plugin {

struct Binding {
  std::string id;
  Instance* target = nullptr;
  const void* table = nullptr;
  uint64_t generation = 1;
  Guard* guard = nullptr;  // the target's

  // [any] False when what is bound is not running, or has tripped.
  bool enter(gantry_lease& out, const char* call = "") {
    if (!guard->begin(call)) return false;
    out = {target->self(), table, reinterpret_cast<gantry_binding*>(this), generation};
    return true;
  }
  void leave(gantry_status status, const char* text = nullptr) { guard->end(status, text); }
  std::string not_entered() const {
    return target->name() + (target->running() ? " pauses: it failed too often" : " is not running");
  }
};

class Directory {
 public:
  void add(Instance& instance) { instances_.push_back(&instance); }
  // [control] This offer of one of the instances.
  Binding& bind(Instance& target, const gantry_offer& offer);
  // [control] The offer of this id and name (empty: the first configured).
  Outcome<Binding*> bind(std::string_view id, std::string_view name);
  // [any] Running offers of an id, in configuration order.
  std::vector<Instance*> offering(std::string_view id) const;
  const std::vector<Instance*>& instances() const { return instances_; }

 private:
  std::vector<Instance*> instances_;
  std::mutex mutex_;  // guards bindings_
  std::vector<std::unique_ptr<Binding>> bindings_;
};

}  // namespace gantry::plugin
