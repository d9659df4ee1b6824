// What a library says of itself, checked before any of its code runs.
#pragma once

#include <gantry/plugin.h>

#include <string>

#include "base/result.hpp"

namespace gantry::plugin {

// Fails naming file, module, id and reason.
Outcome<void> check_plugin(const gantry_plugin& plugin, const std::string& file);

}  // namespace gantry::plugin
