// What a library says of itself, as text: `gantry plugin inspect`.
#pragma once

#include <string>

#include "plugin/library.hpp"

namespace gantry::plugin {

std::string inspect(const Library& library);

// One line a module: `gantry plugin list`.
std::string summarise(const Library& library);

}  // namespace gantry::plugin
