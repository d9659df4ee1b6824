// Relay: what an operator asks of a connected consumer, passed on and back: its running state
// (307), consuming one message (309), its places (223, asked of members as 221). Owned by the
// Broker; handlers run on shards, answers of clients come on any.
#pragma once

#include <gantry/cap/request_handler.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog.hpp"
#include "client_table.hpp"
#include "options.hpp"
#include "record_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Relay {
 public:
  Relay(const Services& services, const Node& node, const Catalog& catalog,
        const ClientTable& clients, const RecordReader& records)
      : services_(services), node_(node), catalog_(catalog), clients_(clients), records_(records) {}

  gantry_status running_info(const gantry_request& request, gantry_token token);
  gantry_status consume_directly(const gantry_request& request, gantry_token token);
  gantry_status status(const gantry_request& request, gantry_token token);

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  struct Collected;
  // body's reference is taken over.
  gantry_status pass_on(int32_t request_code, const Fields& fields, const gantry_slice& body,
                        std::string_view group, std::string_view client, gantry_token token);
  void answer(const gantry_response& response, gantry_token token);
  void ask(const std::shared_ptr<Collected>& collected, const Client& member,
           const gantry_request& request);

  const Services& services_;
  const Node& node_;
  const Catalog& catalog_;
  const ClientTable& clients_;
  const RecordReader& records_;
};

}  // namespace gantry::messaging
