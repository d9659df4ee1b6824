// TopicTables: what tools ask of topics: all (21), one (351), the system's (305), bounds of a
// topic's queues (202); and deleting one (215). Owned by the Broker; handlers run on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include <string>
#include <vector>

#include "catalog.hpp"
#include "offset_store.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "queue_reader.hpp"
#include "record_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

class TopicTables {
 public:
  TopicTables(const Services& services, const Options& options, const Node& node, Catalog& catalog,
              const QueueReader& queues, const RecordReader& records, OffsetTable& offsets,
              OffsetStore& offset_store)
      : services_(services),
        options_(options),
        node_(node),
        catalog_(catalog),
        queues_(queues),
        records_(records),
        offsets_(offsets),
        offset_store_(offset_store) {}

  gantry_status list(const gantry_request& request, gantry_token token);
  gantry_status one(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status system(gantry_token token);
  gantry_status bounds(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status remove(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);

 private:
  gantry_status forget_offsets(std::string_view topic, gantry_token token);

  const Services& services_;
  const Options& options_;
  const Node& node_;
  Catalog& catalog_;
  const QueueReader& queues_;
  const RecordReader& records_;
  OffsetTable& offsets_;
  OffsetStore& offset_store_;
};

}  // namespace gantry::messaging
