#include "locks.hpp"

#include <string>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"
#include "request_body.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

// The request, or what is wrong with it.
protocol::Result<protocol::LockBatchRequest> read(std::string_view body) {
  if (body.empty()) return protocol::error("a lock request has a body");
  auto wanted = protocol::read_body<protocol::LockBatchRequest>(body);
  if (!wanted.has_value()) return wanted;
  if (wanted->consumer_group.empty()) return protocol::error("lock request: consumerGroup: \"\"");
  if (wanted->client_id.empty()) return protocol::error("lock request: clientId: \"\"");
  return wanted;
}

}  // namespace

gantry_status Locks::lock(const gantry_call& call, const gantry_request& request,
                          gantry_token token) {
  const auto wanted = read(body_of(services_, call, request));
  if (!wanted.has_value()) {
    return refuse(services_, token, code::system_error, wanted.error().text);
  }
  const protocol::LockBatchAnswer granted{
      table_.lock(wanted->consumer_group, wanted->client_id, wanted->queues, steady_ms(call))};
  return answer_body(services_, token, protocol::write_body(granted));
}

gantry_status Locks::unlock(const gantry_call& call, const gantry_request& request,
                            gantry_token token) {
  const auto wanted = read(body_of(services_, call, request));
  if (!wanted.has_value()) {
    return refuse(services_, token, code::system_error, wanted.error().text);
  }
  table_.unlock(wanted->consumer_group, wanted->client_id, wanted->queues);
  return Reply(code::success).send(services_, token);
}

}  // namespace gantry::messaging
