#include "client_config.hpp"

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"
#include "request_body.hpp"

namespace gantry::messaging {

namespace code = protocol::response_code;

// Tags are always fine: RocketMQ's clients have read them before they ask.
gantry_status ClientConfig::check(const gantry_call& call, const gantry_request& request,
                                  gantry_token token, uint32_t why) {
  const std::string_view text = body_of(services_, call, request);
  if (text.empty()) return Reply(code::success).send(services_, token);
  const auto read = protocol::read_body<protocol::CheckClientRequest>(text);
  if (!read.has_value()) {
    return refuse(services_, token, code::system_error, "client config: " + read.error().text);
  }
  if (!read->subscription) return Reply(code::success).send(services_, token);
  const Expression wanted =
      expression(read->subscription->expression_type, read->subscription->expression);
  if (wanted.type == "TAG") return Reply(code::success).send(services_, token);
  if (!filters_.serves(wanted.type)) {
    return refuse(services_, token, code::system_error, Filters::unserved(wanted.type));
  }
  if (static_cast<int64_t>(wanted.text.size()) > options_.expression_bytes_max) {
    return refuse(services_, token, code::subscription_parse_failed,
                  "subString: " + std::to_string(wanted.text.size()) +
                      " bytes are more than expression_bytes_max, " +
                      std::to_string(options_.expression_bytes_max));
  }
  const CompiledRef* compiled = filters_.find(call, wanted);
  if (!compiled && why == GANTRY_TIMED_OUT) {
    return refuse(services_, token, code::system_busy, protocol::remark::overload);
  }
  if (!compiled) return filters_.compile(token, wanted);
  if ((*compiled)->is_wrong()) {
    return refuse(services_, token, code::subscription_parse_failed, (*compiled)->wrong());
  }
  return Reply(code::success).send(services_, token);
}

}  // namespace gantry::messaging
