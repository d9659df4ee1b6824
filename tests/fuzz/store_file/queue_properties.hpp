// What must hold of a start on damaged files of the queue index: the table of bounds, the position
// and queue files of any bytes give queues that are sound, or a reason why not. Shared by the fuzz
// target and the test that keeps it true in every build.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace gantry::testing {

// The first byte chooses what the rest is: a table, lines for a table, a position, or queue files
// and the place they are read up to. Empty when everything holds, else what does not.
std::string broken_queue_load(std::span<const uint8_t> bytes);

}  // namespace gantry::testing
