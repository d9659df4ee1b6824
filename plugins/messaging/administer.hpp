// What operators and tools ask of a broker, by code; the codes of producers and consumers are in
// messaging.cpp. On the request's shard.
#pragma once

#include <gantry/cap/request_handler.h>

namespace gantry::messaging {

struct Broker;

gantry_status administer(Broker& broker, const gantry_call& call, const gantry_request& request,
                         gantry_token token, uint32_t why);

}  // namespace gantry::messaging
