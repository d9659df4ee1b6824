// Moving: where groups stand, moved by operators: reset by time or to an offset (222), in the
// broker or by its members (220), cloned from another group (314), listed (43). Owned by the
// Broker; handlers run on shards and go on on workers.
#pragma once

#include <gantry/cap/request_handler.h>

#include <optional>
#include <string>

#include "catalog.hpp"
#include "client_table.hpp"
#include "offset_store.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "protocol/body_offsets.hpp"
#include "pull.hpp"
#include "queue_reader.hpp"
#include "reset_table.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Moving {
 public:
  struct Parts {
    Catalog& catalog;
    const QueueReader& queues;
    const ClientTable& clients;
    OffsetTable& offsets;
    OffsetStore& offset_store;
    ResetTable& resets;
    Pull& pull;
  };
  Moving(const Services& services, const Options& options, const Node& node, const Parts& parts)
      : services_(services), options_(options), node_(node), parts_(parts) {}

  gantry_status reset(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status clone(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status list(gantry_token token);

 private:
  struct Wanted {
    std::string group;
    std::string topic;
    int32_t queue_id = -1;  // -1: all
    std::optional<int64_t> offset;
    int64_t time_ms = 0;  // below 0: the end of the queue
    bool force = false;   // members: also forward
    int32_t queues = 0;
  };
  struct Refused {
    int32_t code = 0;
    std::string remark;
  };
  using Table = protocol::QueueOffsetTable;
  std::optional<Refused> by_time(const gantry_call& call, const Wanted& wanted, int32_t queue_id,
                                 int64_t& out) const;
  std::optional<Refused> find_offsets(const gantry_call& call, const Wanted& wanted,
                                      Table& out) const;
  std::optional<Refused> find_for_members(const gantry_call& call, const Wanted& wanted,
                                          Table& out) const;
  gantry_status reset_here(const gantry_call& call, const Wanted& wanted, gantry_token token);
  gantry_status reset_by_members(const gantry_call& call, const Wanted& wanted, gantry_token token);
  gantry_status push(const Wanted& wanted, const Table& table, gantry_session member,
                     int32_t language) const;

  const Services& services_;
  const Options& options_;
  const Node& node_;
  const Parts parts_;
};

}  // namespace gantry::messaging
