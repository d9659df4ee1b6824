// Shim: a module's table with the check between it and the host: it counts completions of
// life-cycle steps, and hides services. One at a time in a process, since the tables' functions
// have no other way to it. Owned by a case; outlives the host that holds the module.
#pragma once

#include <gantry/plugin.h>

#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::sdk::check {

class Shim {
 public:
  // hides_services: service() answers null for all but required needs, logging and settings, which
  // every host has.
  Shim(const gantry_module& module, bool hides_services);
  Shim(const Shim&) = delete;
  Shim& operator=(const Shim&) = delete;
  ~Shim();

  const gantry_module& module() const { return table_; }
  // What was wrong with the completions of steps, a sentence each.
  std::vector<std::string> faults() const;

 private:
  struct Step {
    const char* name;
    bool pending;
    int completed;
  };
  using StepFunction = gantry_status (*)(gantry_instance*, gantry_token, gantry_error*);

  gantry_status create(const gantry_host* host, gantry_instance** out, gantry_error* error);
  gantry_status step(const char* name, StepFunction function, gantry_instance* self,
                     gantry_token token, gantry_error* error);
  const void* service(const gantry_host* host, const char* id) const;
  void complete(const gantry_host* host, gantry_token token, gantry_status status,
                const gantry_error* error);

  const gantry_module& original_;
  const bool hides_services_;
  gantry_module table_;
  std::list<gantry_host> hosts_;
  const gantry_host* real_ = nullptr;
  std::map<gantry_token, Step> steps_;
  std::set<gantry_token> unknown_;
};

}  // namespace gantry::sdk::check
