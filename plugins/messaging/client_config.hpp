// ClientConfig: code 46, by which a consumer asks at its start whether its expression can be
// served. Owned by the Broker; handlers run on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include "filters.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class ClientConfig {
 public:
  ClientConfig(const Services& services, const Options& options, Filters& filters)
      : services_(services), options_(options), filters_(filters) {}

  gantry_status check(const gantry_call& call, const gantry_request& request, gantry_token token,
                      uint32_t why);

 private:
  const Services& services_;
  const Options& options_;
  Filters& filters_;
};

}  // namespace gantry::messaging
