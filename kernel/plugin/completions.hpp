// Ending promises on the thread they were made for.
#pragma once

#include "plugin/outstanding.hpp"

namespace gantry::plugin {

// [any] Ends it on its shard, or on a worker; result is null. Never inside this call.
void complete_later(Pending* pending, gantry_status status);

// Ends it here: the caller is on the right thread.
void complete_here(Pending* pending, gantry_status status, const void* result);

}  // namespace gantry::plugin
