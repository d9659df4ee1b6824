// A job: a completion that owns what it runs. Given to a host function that promises to call it
// once; if that function refuses, the job is freed and the refusal returned. Any thread.
//
//   give([&](gantry_completion then) { return timer.post(host, shard, then); },
//        [this](const gantry_call& call, gantry_status status) { ... });
#pragma once

#include <gantry/call.h>

#include <memory>
#include <utility>

#include "cpp/barrier.hpp"

namespace gantry::messaging {

// body: void(const gantry_call&, gantry_status, const void* result). What it throws ends there.
template <class Take, class Body>
gantry_status give(Take&& take, Body body) {
  auto held = std::make_unique<Body>(std::move(body));
  const gantry_completion then{
      [](void* context, const gantry_call* call, gantry_status status, const void* result) {
        const std::unique_ptr<Body> run(static_cast<Body*>(context));
        sdk::barrier(call->error, [&] {
          (*run)(*call, status, result);
          return GANTRY_OK;
        });
      },
      held.get()};
  const gantry_status taken = take(then);
  if (taken >= 0) static_cast<void>(held.release());  // done() frees it
  return taken;
}

}  // namespace gantry::messaging
