// Send: codes 10, 310, 320. Checks, stores, and leaves the answer to the marks it waits for.
// Owned by the Broker; handlers run on shards; nothing is allocated per message once a topic
// exists.
#pragma once

#include <gantry/cap/request_handler.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog.hpp"
#include "lock_table.hpp"
#include "options.hpp"
#include "protocol/ids.hpp"
#include "protocol/send_header.hpp"
#include "send_check.hpp"
#include "send_properties.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Send {
 public:
  Send(const Services& services, const Options& options, const Node& node, Catalog& catalog,
       const LockTable& locks);

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);

 private:
  // One request on its way through the checks.
  struct Sending {
    const gantry_call& call;
    const gantry_request& request;
    gantry_token token;
    protocol::SendMessageHeader header;
    std::string_view body;
    SendProperties properties;
    const Topic* topic = nullptr;  // where it goes: the one asked for, or a %DLQ%
    int32_t queue_id = 0;
    bool dead_letter = false;
  };
  struct alignas(64) Shard {
    uint64_t random;
  };

  // Each returns a status when the request has been answered, or waits and will start over.
  using Ended = std::optional<gantry_status>;
  Ended route(Sending& sending, uint32_t why);
  Ended check_group(const Sending& sending, const CatalogSnapshot& known, uint32_t why);
  Ended bury(Sending& sending, const CatalogSnapshot& known, uint32_t why);
  Ended check_content(const Sending& sending);
  Ended check_type(const Sending& sending, std::string_view properties);
  gantry_status create(const Sending& sending, uint32_t why, CatalogChange change);
  gantry_status store_one(Sending& sending);
  gantry_status store_batch(Sending& sending);
  gantry_message record_of(const Sending& sending) const;
  gantry_status append(Sending& sending, std::span<const gantry_message> records,
                       std::string_view unique_key);
  gantry_status answer(const Sending& sending, const gantry_put_result& stored,
                       std::string_view unique_key);
  gantry_status answer_failed(const Sending& sending, gantry_status status);
  gantry_status refuse(const Sending& sending, int32_t code, std::string_view remark);
  gantry_status refuse(const Sending& sending, const Refusal& refusal) {
    return refuse(sending, refusal.code, refusal.remark);
  }
  template <class T>
  T* scratch(const gantry_call& call, size_t count) const;
  int32_t pick_queue(uint32_t shard, int32_t queues);
  std::string_view trace_on() const { return options_.trace_on ? "true" : "false"; }

  const Services& services_;
  const Options& options_;
  const Node& node_;
  Catalog& catalog_;
  const LockTable& locks_;
  const std::string id_prefix_;  // of every msgId: this broker's address in hex
  protocol::UniqueKeys unique_keys_;
  std::vector<Shard> shards_;  // each used on its shard only
};

}  // namespace gantry::messaging
