// What the SQL92 filter promises for any bytes. Run by the fuzz targets and, over fixed and random
// ones, by plugin-tests/filter_sql92.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gantry::filter_sql92::fuzz {

// The bytes as an expression: refused with a place inside it, or judged. 0; a broken promise ends the
// program where it is seen.
int expression(std::string_view text);

// The bytes as decisions: an expression made up from them means to the plugin what it means to the
// reference. False: not, and what differs was printed.
bool same_meaning(std::span<const uint8_t> bytes);

}  // namespace gantry::filter_sql92::fuzz
