#include "pull_filter.hpp"

#include <gantry/cap/request_handler.h>

#include <string>
#include <utility>

#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::messaging {

namespace code = protocol::response_code;

PullFilter::Outcome PullFilter::find(const gantry_call& call, gantry_token token, uint32_t why,
                                     const PullPlace& place, const Expression& wanted) {
  const bool is_retry = protocol::is_retry_topic(place.header.topic);
  if (is_everything(wanted) && !filters_.has_binders() && !is_retry) return {};
  std::vector<Need> needs;
  if (!is_everything(wanted)) needs.push_back({{}, wanted, true});
  need_bound(call, {}, place.header.topic, place.group.name, needs);
  if (is_retry) need_of_origins(call, place, needs);
  if (needs.empty()) return {};
  std::vector<Filters::Part> parts;
  for (const Need& need : needs) {
    if (std::optional<Outcome> ended = add(call, token, why, need, parts)) return *ended;
  }
  return {.filter = filters_.combine(call, std::move(parts))};
}

void PullFilter::need_bound(const gantry_call& call, std::string_view origin,
                            std::string_view topic, std::string_view group,
                            std::vector<Need>& needs) const {
  if (!filters_.has_binders()) return;
  std::vector<Expression> bound;
  filters_.bound(call, topic, group, bound);
  for (const Expression& expression : bound) needs.push_back({origin, expression});
}

// A group's one retry topic has messages of all topics it reads. Tags aren't looked at again, as in
// RocketMQ: what a group was given once, it is given again, unless an expression tells more.
void PullFilter::need_of_origins(const gantry_call& call, const PullPlace& place,
                                 std::vector<Need>& needs) const {
  if (!place.subscriptions) return;
  for (const auto& [topic, subscription] : place.subscriptions->topics) {
    if (protocol::is_retry_topic(topic)) continue;
    const Expression asked = expression(subscription.expression_type, subscription.expression);
    if (asked.type != "TAG" && !subscription.class_filter && filters_.serves(asked.type)) {
      needs.push_back({topic, asked});
    }
    need_bound(call, topic, topic, place.group.name, needs);
  }
}

// Appends the need's filter to `parts`, or says how the request ends.
std::optional<PullFilter::Outcome> PullFilter::add(const gantry_call& call, gantry_token token,
                                                   uint32_t why, const Need& need,
                                                   std::vector<Filters::Part>& parts) {
  const auto refused = [](int32_t code, std::string remark) {
    return Outcome{.found = Found::refused, .refusal = {code, std::move(remark)}};
  };
  if (!filters_.serves(need.expression.type)) {
    return refused(code::system_error, Filters::unserved(need.expression.type));
  }
  const CompiledRef* compiled = filters_.find(call, need.expression);
  if (!compiled && why == GANTRY_TIMED_OUT) {
    return refused(code::system_busy, std::string(protocol::remark::overload));
  }
  if (!compiled) {
    return Outcome{.found = Found::compiling, .status = filters_.compile(token, need.expression)};
  }
  if (!(*compiled)->is_wrong()) {
    parts.emplace_back(need.origin, *compiled);
    return std::nullopt;
  }
  // A wrong expression of a topic's subscription is that topic's trouble, not its retried messages'.
  if (!need.own && !need.origin.empty()) return std::nullopt;
  return need.own ? refused(code::subscription_parse_failed, parse_failed((*compiled)->wrong()))
                  : refused(code::system_error, "the filter bound to this group is wrong: " +
                                                    (*compiled)->wrong());
}

}  // namespace gantry::messaging
