// The fuzz targets as functions, so that a unit test can run them over the recorded data too.
// Each takes any bytes, aborts when a promise of the library does not hold, else returns 0.
#pragma once

#include <string_view>

namespace gantry::protocol::fuzz {

int json(std::string_view bytes);        // read; what was read is written and read again, equal
int properties(std::string_view bytes);  // find and iterate agree; editing keeps the rest
int ids(std::string_view bytes);         // what is accepted is written again, equal
int records(std::string_view bytes);     // records, batches and the registration's layout

}  // namespace gantry::protocol::fuzz
