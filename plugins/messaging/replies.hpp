// Replies: codes 324 and 325, by which a consumer answers a producer that waits for it: the reply
// is pushed to that client (326), and kept in the log besides (broker: ReplyMessageProcessor).
// Owned by the Broker; handlers run on shards; answers follow when the client has taken the reply.
#pragma once

#include <gantry/cap/request_handler.h>

#include <string>
#include <string_view>

#include "catalog.hpp"
#include "client_table.hpp"
#include "options.hpp"
#include "protocol/send_header.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Replies {
 public:
  Replies(const Services& services, const Options& options, const Node& node,
          const Catalog& catalog, const ClientTable& clients)
      : services_(services), options_(options), node_(node), catalog_(catalog), clients_(clients) {}

  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token);

 private:
  // Where the reply is kept, as its sender is told; what RocketMQ says when it could not be.
  struct Stored {
    std::string id = "0";
    int32_t queue_id = 0;
    int64_t queue_offset = 0;
  };
  Stored store(const gantry_call& call, const gantry_request& request,
               const protocol::SendMessageHeader& header, const Topic& topic,
               std::string_view body) const;
  gantry_status push(const gantry_call& call, const gantry_request& request,
                     const protocol::SendMessageHeader& header, std::string_view body,
                     std::string_view client, Stored stored, gantry_token token);
  gantry_status refuse(gantry_token token, int32_t code, std::string_view remark) const;
  gantry_status answer(gantry_token token, const Stored& stored, int32_t code,
                       std::string_view remark) const;

  const Services& services_;
  const Options& options_;
  const Node& node_;
  const Catalog& catalog_;
  const ClientTable& clients_;
};

}  // namespace gantry::messaging
