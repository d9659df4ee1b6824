// The filter commands that ask a node's door for administrators.
#pragma once

#include "command.hpp"

namespace gantry::ctl {

void add_filter_node(CLI::App& filter, Command& chosen);

}  // namespace gantry::ctl
