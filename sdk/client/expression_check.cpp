#include "client/expression_check.hpp"

#include <fmt/format.h>

#include "protocol/codes.hpp"
#include "protocol/json.hpp"

namespace gantry::client {

awaitable<Outcome<void>> check_expression(Core& core, std::string group,
                                          protocol::SubscriptionData subscription) {
  if (subscription.expression_type == "TAG") co_return boost::system::in_place_value;
  const auto route = co_await core.route(subscription.topic);
  if (!route) co_return route.error();
  if ((*route)->readable.empty()) co_return boost::system::in_place_value;
  const std::string address = (*route)->readable.front().address;
  protocol::CheckClientRequest asked;
  asked.client_id = core.client_id();
  asked.group = std::move(group);
  asked.subscription = std::move(subscription);
  Request request{.code = protocol::request_code::check_client_config,
                  .body = protocol::write_json(asked.to_json())};
  const auto reply = co_await core.ask(address, std::move(request), core.options().call_timeout);
  if (!reply) co_return reply.error();
  const bool is_known = reply->code != protocol::response_code::request_code_not_supported;
  if (reply->code == 0 || !is_known) co_return boost::system::in_place_value;
  co_return refused(fmt::format("broker {}, asked whether it takes the {} expression,", address,
                                asked.subscription->expression_type),
                    *reply);
}

}  // namespace gantry::client
