// NameServer: the module. Serves 103 (register), 104 (unregister), 322 (are my topics known?), 105
// (route of a topic) and 106 (clusters), leaves to Administration what tools ask, and forgets
// brokers that are silent or whose connection has ended. Large registrations are read on a worker,
// so that a shard never parses ten thousand topics. Made and ended on the control thread; handlers
// run on any shard.
#pragma once

#include <optional>

#include "administer.hpp"
#include "cpp/module.hpp"
#include "cpp/reply.hpp"
#include "kv_config.hpp"
#include "routes.hpp"

namespace gantry::nameserver {

class NameServer : public sdk::Module {
 public:
  explicit NameServer(const gantry_host* host);

  gantry_status start(gantry_token) override;
  gantry_status quiesce(gantry_token) override;
  void resume() override;
  gantry_status drain(gantry_token drained) override;
  void stop() override;

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  void session_closed(const gantry_call& call, gantry_session session);

 private:
  struct LargeRegistration;

  gantry_status register_broker(const gantry_call& call, const gantry_request& request,
                                gantry_token token);
  gantry_status register_on_worker(const gantry_request& request, gantry_token token);
  gantry_status accept(const gantry_call& call, const gantry_request& request, gantry_token token);
  gantry_status answer_version(const gantry_call& call, const gantry_request& request,
                               gantry_token token);
  gantry_status answer_route(const gantry_request& request, gantry_token token);
  gantry_status answer_clusters(gantry_token token);
  void expire(const gantry_call& call);
  void scan();

  const gantry_requests& requests_;
  const gantry_timer& timer_;
  const RegistrationLimits limits_;
  const int64_t scan_ms_;
  const size_t kv_bytes_max_;
  const bool acting_masters_;
  const bool ordered_topics_;
  const sdk::Reply reply_;
  Routes routes_;
  std::optional<KvConfig> kv_;  // both from start
  std::optional<Administration> administration_;
  gantry_token scanning_ = 0;  // control thread only
};

}  // namespace gantry::nameserver
