// Pull: codes 11 and 361. Checks, reads straight from the log, and holds the request while its
// queue has nothing new for it. Owned by the Broker; handlers run on shards; wake() on whichever
// thread drains the log.
#pragma once

#include <gantry/cap/request_handler.h>
#include <gantry/message.h>

#include <optional>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "filters.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "protocol/pull_header.hpp"
#include "pull_check.hpp"
#include "pull_filter.hpp"
#include "pull_read.hpp"
#include "pull_wait.hpp"
#include "reset_table.hpp"
#include "services.hpp"
#include "subscriptions.hpp"

namespace gantry::messaging {

class Pull {
 public:
  Pull(const Services& services, const Options& options, const Node& node, Catalog& catalog,
       const Subscriptions& subscriptions, Filters& filters, const QueueReader& queues,
       OffsetTable& offsets, ResetTable& resets)
      : services_(services),
        options_(options),
        node_(node),
        catalog_(catalog),
        subscriptions_(subscriptions),
        filter_(filters),
        queues_(queues),
        offsets_(offsets),
        resets_(resets),
        reader_(services, options, queues),
        wait_(services.host->shard_count) {}

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  // These records are in the queue index now. [log]
  void wake(const gantry_call& call, const gantry_batch& batch);
  // Whoever waits for the queue looks again. [any]
  void wake(std::string_view topic, int32_t queue_id);
  void session_closed(const gantry_call& call, gantry_session session);

 private:
  // What an answer says of topic and group.
  struct Told {
    int32_t topic_sys_flag = 0;
    int32_t group_sys_flag = 0;
    int64_t broker_id = 0;
    int64_t slow_broker_id = 0;
  };
  struct Job;
  gantry_status create_group(const gantry_call& call, gantry_token token, std::string_view name,
                             uint32_t why);
  bool refuses(gantry_token token, int32_t code);
  gantry_status refuse(gantry_token token, const PullRefusal& refusal);
  bool may_hold(const protocol::PullMessageHeader& header) const;
  gantry_status hold(const gantry_call& call, gantry_token token, gantry_session session,
                     const protocol::PullMessageHeader& header, FilterRef filter);
  gantry_status go_on(gantry_token token, uint32_t shard, Job job);
  gantry_status answer_moved(const gantry_call& call, gantry_token token, const QueueKey& place,
                             int64_t offset, const Told& told);
  gantry_status answer(gantry_token token, PullOutcome& outcome, const Told& told);
  void wake(const gantry_call& call, const gantry_message& message,
            const PullWait::Arrival& arrival);
  std::optional<gantry_status> find_filter(const gantry_call& call, gantry_token token,
                                           uint32_t why, const protocol::PullMessageHeader& header,
                                           const Expression& expression, FilterRef& out);

  const Services& services_;
  const Options& options_;
  const Node& node_;
  Catalog& catalog_;
  const Subscriptions& subscriptions_;
  PullFilter filter_;
  const QueueReader& queues_;
  OffsetTable& offsets_;
  ResetTable& resets_;
  PullRead reader_;
  PullWait wait_;

  // Of wake(), which is called one at a time.
  std::vector<FilterRef> asking_;
  std::vector<PullWait::Asked> asked_;
  std::vector<gantry_token> woken_;
};

}  // namespace gantry::messaging
