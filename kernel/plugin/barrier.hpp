// The host's barrier around a call into a module: what is thrown out of it is a fault that says what
// was thrown. The SDK's barrier is before it; a module may do without the SDK. Any thread.
#pragma once

#include <gantry/call.h>

#include <utility>

namespace gantry::plugin {

// Inside a catch block: what was caught, as a fault in `error` (may be null).
gantry_status thrown(gantry_error* error) noexcept;

template <class F>
gantry_status contained(gantry_error* error, F&& call) noexcept {
  try {
    return std::forward<F>(call)();
  } catch (...) {
    return thrown(error);
  }
}

// The same for a function that answers nothing.
template <class F>
gantry_status contained_void(gantry_error* error, F&& call) noexcept {
  return contained(error, [&] {
    std::forward<F>(call)();
    return gantry_status{GANTRY_OK};
  });
}

}  // namespace gantry::plugin
