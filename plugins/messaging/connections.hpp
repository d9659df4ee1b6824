// Connections: what tools ask of clients: members of a group (203), producers (204, 328), groups on
// a topic (300), topics of a group (343), a subscription (345). Owned by the Broker; handlers run
// on shards, those that look at a whole table go on on workers.
#pragma once

#include <gantry/cap/request_handler.h>

#include "client_table.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Connections {
 public:
  Connections(const Services& services, const Node& node, const ClientTable& clients,
              const OffsetTable& offsets)
      : services_(services), node_(node), clients_(clients), offsets_(offsets) {}

  gantry_status consumers(const gantry_request& request, gantry_token token);
  gantry_status producers(const gantry_request& request, gantry_token token);
  gantry_status all_producers(gantry_token token);
  gantry_status groups_on_topic(const gantry_request& request, gantry_token token);
  gantry_status topics_of_group(const gantry_request& request, gantry_token token);
  gantry_status subscription(const gantry_request& request, gantry_token token);

 private:
  const Services& services_;
  const Node& node_;
  const ClientTable& clients_;
  const OffsetTable& offsets_;
};

}  // namespace gantry::messaging
