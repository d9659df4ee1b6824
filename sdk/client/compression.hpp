// Compression of bodies, in the containers Java's clients use: a zlib stream, an LZ4 frame, a
// Zstandard frame. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/codes.hpp"

namespace gantry::client {

using protocol::Compression;

// No body that was sent is larger (broker: maxMessageSize), but brokers can be told otherwise.
inline constexpr std::size_t inflated_bytes_max = 64u << 20;

Outcome<std::string> deflate(Compression compression, std::string_view body, int level);
// Fails on damaged bytes, and rather than making more than `bytes_max`.
Outcome<std::string> inflate(Compression compression, std::string_view bytes,
                             std::size_t bytes_max = inflated_bytes_max);
// The bits of a sysFlag that say so.
int32_t compression_flags(Compression compression);

}  // namespace gantry::client
