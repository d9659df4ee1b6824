// What address clients dial for a door.
#pragma once

#include <string>

#include "base/result.hpp"

namespace gantry::node {

// `bound` ("ip:port") itself; for 0.0.0.0 and [::] the first IPv4 of this machine that isn't
// loopback, with the bound port; a given `configured` wins.
Outcome<std::string> advertised(const std::string& configured, const std::string& bound);

bool is_loopback(const std::string& bound);

}  // namespace gantry::node
