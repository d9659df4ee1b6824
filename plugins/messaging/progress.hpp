// Progress: how far a group is in its topics (208). Owned by the Broker; the handler runs on a
// shard and goes on on a worker.
#pragma once

#include <gantry/cap/request_handler.h>

#include <set>
#include <string>

#include "catalog.hpp"
#include "client_table.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "protocol/body_offsets.hpp"
#include "queue_reader.hpp"
#include "record_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Progress {
 public:
  Progress(const Services& services, const Node& node, const Catalog& catalog,
           const QueueReader& queues, const RecordReader& records, const ClientTable& clients,
           const OffsetTable& offsets)
      : services_(services),
        node_(node),
        catalog_(catalog),
        queues_(queues),
        records_(records),
        clients_(clients),
        offsets_(offsets) {}

  gantry_status handle(const gantry_request& request, gantry_token token);

 private:
  struct Wanted {
    std::string group;
    std::string topic;             // empty: all the group stands in
    std::set<std::string> topics;  // when not empty, exactly these
  };
  std::set<std::string> topics_of(const Wanted& wanted) const;
  // False when the index is not running.
  bool add(const gantry_call& call, std::string_view group, const Topic& topic,
           protocol::ConsumeStats& stats) const;

  const Services& services_;
  const Node& node_;
  const Catalog& catalog_;
  const QueueReader& queues_;
  const RecordReader& records_;
  const ClientTable& clients_;
  const OffsetTable& offsets_;
};

}  // namespace gantry::messaging
