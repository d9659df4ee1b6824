// Going on with a request on a worker, where a disk may be waited for, or in a later turn of a shard.
// The request may be gone by then, so the job has its own copy of what it needs.
//
//   return go_on_in_worker(services_, token, [this, token, topic = std::string(topic)](
//                                                const gantry_call& call) { ... answer ... });
#pragma once

#include <exception>
#include <utility>

#include "job.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"
#include "services.hpp"

namespace gantry::messaging {

// body: gantry_status(const gantry_call&), as a handler: it answers, or what it returns below zero
// or throws is the answer.
template <class Body>
auto as_handler(const Services& services, gantry_token token, Body body) {
  return [&services, token, body = std::move(body)](const gantry_call& call, gantry_status status,
                                                    const void*) mutable {
    if (status != GANTRY_OK) return;  // the module stops: its requests are given up
    const gantry_status ended = sdk::barrier(call.error, [&] { return body(call); });
    if (ended >= 0) return;
    const int32_t code = call.error->wire_code;
    refuse(services, token, code != 0 ? code : protocol::response_code::system_error,
           call.error->text);
  };
}

// Both: PENDING; or OK when there was no room and the request got 2.
template <class Body>
gantry_status go_on_in_worker(const Services& services, gantry_token token, Body body) {
  const gantry_status given =
      give([&](gantry_completion job) { return services.timer.work(services.host, job); },
           as_handler(services, token, std::move(body)));
  if (given >= 0) return GANTRY_PENDING;
  return refuse(services, token, protocol::response_code::system_busy, protocol::remark::overload);
}

// In a later turn of the shard.
template <class Body>
gantry_status go_on_later(const Services& services, gantry_token token, uint32_t shard, Body body) {
  const gantry_status given =
      give([&](gantry_completion job) { return services.timer.post(services.host, shard, job); },
           as_handler(services, token, std::move(body)));
  if (given >= 0) return GANTRY_PENDING;
  return refuse(services, token, protocol::response_code::system_busy, protocol::remark::overload);
}

}  // namespace gantry::messaging
