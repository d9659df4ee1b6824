// Clients: heartbeats (34), farewells (35), a group's members (38), and the notices to members (40)
// when their group changed. Owned by the Broker; handlers run on shards.
#pragma once

#include <gantry/cap/request_handler.h>

#include <string_view>

#include "catalog.hpp"
#include "client_table.hpp"
#include "lock_table.hpp"
#include "options.hpp"
#include "services.hpp"
#include "subscriptions.hpp"

namespace gantry::messaging {

class Clients {
 public:
  Clients(const Services& services, const Options& options, Catalog& catalog, ClientTable& table,
          LockTable& locks, Subscriptions& subscriptions)
      : services_(services),
        options_(options),
        catalog_(catalog),
        table_(table),
        locks_(locks),
        subscriptions_(subscriptions) {}

  gantry_status heartbeat(const gantry_call& call, const gantry_request& request,
                          gantry_token token, uint32_t why);
  gantry_status unregister(const gantry_call& call, const gantry_request& request,
                           gantry_token token);
  gantry_status list(const gantry_request& request, gantry_token token);
  void session_closed(const gantry_call& call, gantry_session session);
  // Closes the connections nothing was heard from for too long, by the steady clock. [any]
  void close_silent(int64_t now_ms);

 private:
  CatalogChange missing(const CatalogSnapshot& known, const protocol::HeartbeatData& beat) const;
  void notify(const CatalogSnapshot& known, std::string_view group);

  const Services& services_;
  const Options& options_;
  Catalog& catalog_;
  ClientTable& table_;
  LockTable& locks_;
  Subscriptions& subscriptions_;
};

}  // namespace gantry::messaging
