#include <boost/json/value.hpp>
#include <limits>

#include "check.hpp"
#include "protocol/bodies.hpp"
#include "protocol/json.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {
namespace {

template <class Body>
void check_body(const boost::json::value& json) {
  const auto body = Body::from_json(json);
  if (!body) {
    check(!body.error().text.empty());
    return;
  }
  const auto again = Body::from_json(body->to_json());
  check(again.has_value() && *again == *body);
}

}  // namespace

int json(std::string_view bytes) {
  const auto value = read_json(bytes);
  if (!value) {
    check(!value.error().text.empty());
    return 0;
  }
  JsonLimits roomy;  // escapes, copies and keys that are objects again take more than they took
  roomy.bytes_max = std::numeric_limits<std::size_t>::max();
  roomy.depth_max = 2 * roomy.depth_max;
  for (const auto style : {JsonStyle::standard, JsonStyle::standard_escaped, JsonStyle::legacy}) {
    const auto again = read_json(write_json(*value, style), roomy);
    check(again.has_value() && canonical_json(*again) == canonical_json(*value));
  }
  check_body<HeartbeatData>(*value);
  check_body<TopicRouteData>(*value);
  check_body<ClusterInfo>(*value);
  check_body<RegisterBrokerBody>(*value);
  check_body<SubscriptionGroupConfig>(*value);
  check_body<LockBatchRequest>(*value);
  return 0;
}

}  // namespace gantry::protocol::fuzz
