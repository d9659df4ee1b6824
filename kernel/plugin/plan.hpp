// Small questions asked while the instances of a node are planned.
#pragma once

#include <gantry/plugin.h>

#include <string>
#include <vector>

#include "config/document.hpp"
#include "dispatch/log_consumer.hpp"

namespace gantry::plugin {

// Does [table] say required = true? Asked before its keys are known.
bool required_in(const config::Document& document, const std::string& table);

// The keys an instance has besides its module's own: module, required, and a log consumer's policy.
std::vector<config::Key> common_keys(const gantry_module& module);
// What [plugins.<instance>] says of it as a log consumer.
dispatch::ConsumerPolicy policy_in(const gantry_module& module, const config::Section& section);

// Interfaces of revision 0 are rebuilt with the host: a module that uses one is refused unless the
// operator has said plugin.experimental.
Outcome<void> check_revisions(const gantry_module& module, const std::string& library,
                              bool experimental);

}  // namespace gantry::plugin
