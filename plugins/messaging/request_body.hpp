// What handlers take out of a request and its call. A body is given as one piece: from a socket it
// is one already, an in-process caller may give several, which are joined in the call's arena.
// Valid until the call returns.
#pragma once

#include <gantry/host/requests.h>

#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "services.hpp"

namespace gantry::messaging {

inline std::span<const gantry_property> fields_of(const gantry_request& request) {
  return {request.fields, request.field_count};
}

// Of the steady clock: for what expires.
inline int64_t steady_ms(const gantry_call& call) {
  return static_cast<int64_t>(call.now_ns / 1'000'000);
}

inline std::string_view body_of(const Services& services, const gantry_call& call,
                                const gantry_request& request) {
  if (request.body_count == 0) return {};
  const auto view = [](const gantry_slice& slice) {
    return std::string_view(reinterpret_cast<const char*>(slice.data), slice.size);
  };
  if (request.body_count == 1) return view(request.body[0]);
  size_t size = 0;
  for (uint32_t i = 0; i < request.body_count; ++i) size += request.body[i].size;
  auto* joined = reinterpret_cast<char*>(services.buffers.scratch(call.arena, size));
  if (!joined) throw std::bad_alloc();
  char* out = joined;
  for (uint32_t i = 0; i < request.body_count; ++i) out += view(request.body[i]).copy(out, size);
  return {joined, size};
}

}  // namespace gantry::messaging
