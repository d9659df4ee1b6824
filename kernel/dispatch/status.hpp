// Status: what a call into a module came to, with the values of the C ABI (abi/include/gantry/base.h;
// kernel/plugin asserts that they agree).
#pragma once

#include <cstdint>

namespace gantry::dispatch {

enum class Status : int32_t {
  ok = 0,
  pending = 1,
  would_block = -1,
  gone = -2,
  refused = -3,
  busy = -4,
  cancelled = -5,
  invalid = -6,
  fault = -7,
};

// Response codes the kernel itself answers with (common: ResponseCode, RemotingSysResponseCode).
namespace wire_code {
inline constexpr int32_t success = 0;
inline constexpr int32_t system_error = 1;
inline constexpr int32_t system_busy = 2;
inline constexpr int32_t not_supported = 3;
}  // namespace wire_code

}  // namespace gantry::dispatch
