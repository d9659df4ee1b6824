// What must hold for whatever bytes a peer sends. Shared by the fuzzers and a unit test.
#pragma once

#include <string>

#include "base/buffer.hpp"
#include "wire/header.hpp"

namespace gantry::wire::testing {

// Takes `input` for a frame, and what lies behind its first 8 bytes for a header in `serialize`,
// so that damage to the lengths doesn't hide the header from the fuzzer. What decodes must be
// bounded, valid UTF-8, and the same again after being encoded, in both forms. Answers the property
// that is broken; empty if all hold.
std::string broken_property(Bytes input, Serialize serialize);

}  // namespace gantry::wire::testing
