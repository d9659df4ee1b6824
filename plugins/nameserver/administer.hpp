// Administration: what RocketMQ's tools, dashboards and brokers ask of a nameserver beyond routes:
// KV configuration (100, 101, 102, 219), lists of topics (206, 224, 304, 311, 312, 313), members of
// a broker (901), and changes of the routes (205, 216, 217, 327, 904). Part of the NameServer,
// which must outlive it; any shard.
#pragma once

#include "cpp/reply.hpp"
#include "kv_config.hpp"
#include "routes.hpp"

namespace gantry::nameserver {

class Administration {
 public:
  // All borrowed.
  Administration(const sdk::Reply& reply, Routes& routes, KvConfig& kv, const sdk::Host& host)
      : reply_(reply), routes_(routes), kv_(kv), host_(host) {}

  // A request of one of the codes above.
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token);

 private:
  gantry_status change_kv(const gantry_call& call, const gantry_request& request,
                          gantry_token token);
  gantry_status answer_kv(const gantry_request& request, gantry_token token);
  gantry_status answer_kv_list(const gantry_request& request, gantry_token token);
  gantry_status answer_list(const gantry_request& request, gantry_token token);
  gantry_status set_writable(const gantry_request& request, gantry_token token);
  gantry_status register_topic(const gantry_request& request, gantry_token token);

  const sdk::Reply& reply_;
  Routes& routes_;
  KvConfig& kv_;
  const sdk::Host& host_;
};

}  // namespace gantry::nameserver
