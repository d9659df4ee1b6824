// NameServer: the module. Serves 103 (register), 104 (unregister), 322 (are my topics known?), 105
// (route of a topic) and 106 (clusters), and forgets brokers that are silent or whose connection has ended. Large
// registrations are read on a worker, so that a shard never parses ten thousand topics. Made and
// ended on the control thread; handlers run on any shard.
#pragma once

#include "cpp/module.hpp"
#include "routes.hpp"

namespace gantry::nameserver {

class NameServer : public sdk::Module {
 public:
  explicit NameServer(const gantry_host* host);

  gantry_status start(gantry_token) override;
  gantry_status quiesce(gantry_token) override;
  void resume() override;
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
  gantry_status respond(gantry_token token, int32_t code, std::string_view remark,
                        std::span<const gantry_property> fields = {}, std::string_view body = {});
  void expire(const gantry_call& call);
  void scan();

  const gantry_requests& requests_;
  const gantry_buffers& buffers_;
  const gantry_timer& timer_;
  const RegistrationLimits limits_;
  const int64_t scan_ms_;
  const bool acting_masters_;
  Routes routes_;
  gantry_token scanning_ = 0;  // control thread only
};

}  // namespace gantry::nameserver
