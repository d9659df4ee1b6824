// Small questions asked while the instances of a node are planned.
#pragma once

#include <gantry/plugin.h>

#include <string>

#include "config/document.hpp"

namespace gantry::plugin {

// Does [table] say required = true? Asked before its keys are known.
bool required_in(const config::Document& document, const std::string& table);

// Interfaces of revision 0 are rebuilt with the host: a module that uses one is refused unless the
// operator has said plugin.experimental.
Outcome<void> check_revisions(const gantry_module& module, const std::string& library,
                              bool experimental);

}  // namespace gantry::plugin
