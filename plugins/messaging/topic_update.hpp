// TopicUpdate: code 17, creating a topic or changing one. Owned by the Broker; runs on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include "catalog.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class TopicUpdate {
 public:
  TopicUpdate(const Services& services, const Options& options, const Node& node, Catalog& catalog)
      : services_(services), options_(options), node_(node), catalog_(catalog) {}

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);

 private:
  const Services& services_;
  const Options& options_;
  const Node& node_;
  Catalog& catalog_;
};

}  // namespace gantry::messaging
