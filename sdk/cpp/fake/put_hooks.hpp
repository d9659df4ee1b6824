// PutHooks: the put hooks of a host's modules, and of the test, around the appends of modules.
// Owned by Core.
#pragma once

#include <gantry/cap/put_hook.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;
class EditedPut;

class PutHooks {
 public:
  explicit PutHooks(Core& core) : core_(core) {}

  // Those of all that have started, in the order of `after`; std::runtime_error for a circle.
  void start();
  void stop() { hooks_.clear(); }

  using Store = std::function<gantry_status(const gantry_put& put)>;
  // Runs the hooks `put` concerns before and behind `store`; `result` is what store fills.
  gantry_status append(const gantry_put& put, const gantry_put_result& result, gantry_error* error,
                       const Store& store);

 private:
  struct Hook {
    std::string name;
    const InstanceState* instance;  // null: the test's
    gantry_instance* self;
    const gantry_put_hook* table;
    const char* const* after;
  };

  void collect();
  bool runs_after(const Hook& one, const Hook& other) const;
  bool concerns(const Hook& hook, const gantry_put& put) const;
  gantry_status before(const Hook& hook, EditedPut& put, gantry_error* error);

  Core& core_;
  std::vector<Hook> hooks_;
  uint32_t depth_ = 0;
};

}  // namespace gantry::sdk::fake
