// What must hold of registrations (103, 217) and questions (322) of any bytes: they are read within
// their bounds or refused with a reason, and what was read makes routes that go again with the
// broker. Shared by the fuzz target and the test that keeps it true in every build.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace gantry::testing {

// The first byte says how the rest travels: bit 0 flagged as compressed, bit 1 really deflated, bit
// 2 from a broker that adds queue mappings. Empty when everything holds, else what does not.
std::string broken_registration(std::span<const uint8_t> bytes);

}  // namespace gantry::testing
