// Life: the modules' life cycle on the fake control thread. Internal.
#pragma once

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {

// Creates all, starts them in the order of needs. Throws std::runtime_error with instance and
// reason; what had been created is stopped and destroyed.
void start_all(Core& core);

// In reverse order of start. drain: let them write what must survive.
void stop_all(Core& core, bool drain);

// One step that may be PENDING, run to its end; throws std::runtime_error when it fails or never
// ends.
using Step = gantry_status (*)(gantry_instance* self, gantry_token token, gantry_error* error);
void run_step(InstanceState& instance, const char* what, Step step);

}  // namespace gantry::sdk::fake
