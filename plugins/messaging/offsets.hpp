// Offsets: where groups stand (14, 15) and where queues begin and end (30, 31). Owned by the
// Broker; handlers run on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include <string_view>

#include "catalog.hpp"
#include "offset_table.hpp"
#include "queue_reader.hpp"
#include "reset_table.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Offsets {
 public:
  Offsets(const Services& services, const Options& options, const Catalog& catalog,
          const QueueReader& queues, OffsetTable& table, const ResetTable& resets)
      : services_(services),
        options_(options),
        catalog_(catalog),
        queues_(queues),
        table_(table),
        resets_(resets) {}

  gantry_status query(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status update(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status max(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status min(const gantry_call& call, const gantry_request& request, gantry_token token);

 private:
  gantry_status edge(const gantry_call& call, const gantry_request& request, gantry_token token,
                     int64_t gantry_queue_bounds::*edge);
  // 14 for a group that has never committed: from the queue's head, or "not found".
  gantry_status answer_new_group(const gantry_call& call, std::string_view topic, int32_t queue_id,
                                 gantry_token token, bool may_block);
  gantry_status answer(gantry_token token, int64_t offset);

  const Services& services_;
  const Options& options_;
  const Catalog& catalog_;
  const QueueReader& queues_;
  OffsetTable& table_;
  const ResetTable& resets_;
};

}  // namespace gantry::messaging
