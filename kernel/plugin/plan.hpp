// Small questions asked while the instances of a node are planned.
#pragma once

#include <gantry/plugin.h>

#include <string>
#include <vector>

#include "config/document.hpp"
#include "dispatch/log_consumer.hpp"
#include "plugin/guard.hpp"

namespace gantry::plugin {

// Does [table] say required = true? Asked before its keys are known.
bool required_in(const config::Document& document, const std::string& table);

// The keys an instance has besides its module's own: module, required, what calls into it may take,
// and what happens when they fail.
std::vector<config::Key> common_keys(const gantry_module& module);
// What [plugins.<instance>] says of it as a log consumer.
dispatch::ConsumerPolicy policy_in(const gantry_module& module, const config::Section& section);
// What it says of calls into its offers; `trips`: they are turned away while they fail.
GuardPolicy guard_policy_in(const gantry_module& module, const config::Section& section);
// Whether calls of this capability are turned away once too many in a row failed: those that judge
// or watch. What holds the node's state is asked again each time.
bool trips(std::string_view capability);

// Interfaces of revision 0 are rebuilt with the host: a module that uses one is refused unless the
// operator has said plugin.experimental.
Outcome<void> check_revisions(const gantry_module& module, const std::string& library,
                              bool experimental);

}  // namespace gantry::plugin
