// What must hold of a key index on files of any bytes: it opens or says why not, finds no more than
// it is asked for, takes new keys, and reads the same again. Shared by the fuzz target and the test
// that keeps it true in every build.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace gantry::testing {

// The bytes: a header, as the position tells it, then a full file's, then the newest file's. Empty
// when everything holds, else what does not.
std::string broken_key_index(std::span<const uint8_t> bytes);

}  // namespace gantry::testing
