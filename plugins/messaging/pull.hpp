// Pull: code 11. Checks, reads straight from the log, and holds the request while its queue has
// nothing new. Owned by the Broker; handlers run on shards; wake() on whichever thread drains the
// log.
#pragma once

#include <gantry/cap/request_handler.h>
#include <gantry/message.h>

#include <string>

#include "catalog.hpp"
#include "client_table.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "protocol/pull_header.hpp"
#include "pull_check.hpp"
#include "pull_read.hpp"
#include "pull_wait.hpp"
#include "reset_table.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Pull {
 public:
  Pull(const Services& services, const Options& options, Catalog& catalog,
       const ClientTable& clients, const QueueReader& queues, OffsetTable& offsets,
       ResetTable& resets)
      : services_(services),
        options_(options),
        catalog_(catalog),
        clients_(clients),
        queues_(queues),
        offsets_(offsets),
        resets_(resets),
        reader_(services, options, queues),
        wait_(services.host->shard_count) {}

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  // These records are in the queue index now.
  void wake(const gantry_batch& batch);
  // Whoever waits for the queue looks again.
  void wake(std::string_view topic, int32_t queue_id);
  void session_closed(const gantry_call& call, gantry_session session);

 private:
  struct SysFlags {
    int32_t topic = 0;
    int32_t group = 0;
  };
  gantry_status create_group(const gantry_call& call, gantry_token token, std::string_view name,
                             uint32_t why);
  gantry_status refuse(gantry_token token, const PullRefusal& refusal);
  gantry_status hold(const gantry_call& call, gantry_token token, gantry_session session,
                     const protocol::PullMessageHeader& header);
  gantry_status go_on_in_worker(gantry_token token, const PullWanted& wanted, SysFlags flags);
  gantry_status answer_moved(const gantry_call& call, gantry_token token, const QueueKey& place,
                             int64_t offset, SysFlags flags);
  gantry_status answer(gantry_token token, PullOutcome& outcome, SysFlags flags);

  const Services& services_;
  const Options& options_;
  Catalog& catalog_;
  const ClientTable& clients_;
  const QueueReader& queues_;
  OffsetTable& offsets_;
  ResetTable& resets_;
  PullRead reader_;
  PullWait wait_;
};

}  // namespace gantry::messaging
