// Ending promises on the thread they were made for. `text` says why, in the call's error.
#pragma once

#include <string_view>

#include "plugin/outstanding.hpp"

namespace gantry::plugin {

// [any] Ends it on its shard, or on a worker; result is null. Never inside this call.
void complete_later(Pending* pending, gantry_status status, std::string_view text = {});

// Ends it here: the caller is on the right thread.
void complete_here(Pending* pending, gantry_status status, const void* result,
                   std::string_view text = {});

}  // namespace gantry::plugin
