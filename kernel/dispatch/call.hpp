// Call: what every call into a module carries: where it runs, what time it is, scratch memory, and
// where to say what went wrong. Lives on the caller's stack until the call returns.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "dispatch/arena.hpp"
#include "dispatch/status.hpp"

namespace gantry::dispatch {

struct CallError {
  Status code = Status::ok;
  int32_t wire_code = 0;  // response code to answer with; 0 for none
  char text[244] = {};    // zero-terminated

  void set(Status status, std::string_view what, int32_t wire = 0) {
    code = status;
    wire_code = wire;
    const size_t size = what.size() < sizeof text - 1 ? what.size() : sizeof text - 1;
    std::memcpy(text, what.data(), size);
    text[size] = '\0';
  }
};

struct Call {
  uint32_t shard;
  int64_t now_ms;   // wall clock, read once per loop turn
  uint64_t now_ns;  // steady clock, the same reading
  uint64_t budget_ns;
  Arena& arena;
  CallError& error;
};

inline constexpr uint64_t shard_budget_ns = 50'000;

}  // namespace gantry::dispatch
