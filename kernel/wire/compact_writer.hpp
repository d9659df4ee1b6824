// Writing compact headers; private to wire. The layout is in compact_reader.hpp.
#pragma once

#include <cstdint>

#include "wire/byte_sink.hpp"
#include "wire/header.hpp"

namespace gantry::wire {

// Appends a header that fits_compact(). `text_bytes` is the size of all its texts.
void write_compact(const Header& header, uint64_t text_bytes, ByteSink& out);

}  // namespace gantry::wire
