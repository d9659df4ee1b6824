// What somebody probably meant: for the error about an unknown key.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gantry::config {

// "; did you mean flush_interval_ms?", or "; known: a, b, c" when nothing is near.
std::string suggestion(std::string_view name, std::span<const std::string> known);

}  // namespace gantry::config
