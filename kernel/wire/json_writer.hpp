// Writing JSON headers; private to wire.
#pragma once

#include <cstdint>

#include "wire/byte_sink.hpp"
#include "wire/header.hpp"

namespace gantry::wire {

// Appends the header. `text_bytes` is the size of all its texts.
void write_json(const Header& header, uint64_t text_bytes, ByteSink& out);

}  // namespace gantry::wire
