#include "client/subscription.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/ids.hpp"

namespace gantry::client {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

Outcome<protocol::SubscriptionData> subscription_of(std::string_view topic,
                                                    std::string_view expression,
                                                    std::string_view type, int64_t version) {
  protocol::SubscriptionData data;
  data.topic = topic;
  data.version = version;
  data.expression_type = type;
  if (type != "TAG") {
    if (trimmed(expression).empty()) {
      return fail(fmt::format("topic {}: the {} expression is empty", topic, type));
    }
    data.expression = expression;
    return data;
  }
  data.expression = trimmed(expression);
  if (data.expression.empty() || data.expression == "*") {
    data.expression = "*";
    return data;
  }
  std::string_view left = data.expression;
  for (bool more = true; more;) {
    const size_t end = left.find("||");
    more = end != std::string_view::npos;
    const std::string_view tag = trimmed(left.substr(0, end));
    if (more) left.remove_prefix(end + 2);
    if (tag.empty() || std::count(data.tags.begin(), data.tags.end(), tag) > 0) continue;
    data.tags.emplace_back(tag);
    data.codes.push_back(protocol::string_hash(tag));
  }
  if (data.tags.empty()) {
    return fail(fmt::format("topic {}: \"{}\" names no tag", topic, expression));
  }
  return data;
}

protocol::SubscriptionData everything_of(std::string_view topic, int64_t version) {
  protocol::SubscriptionData data;
  data.topic = topic;
  data.expression.assign(1, '*');
  data.version = version;
  return data;
}

bool wants(const protocol::SubscriptionData& subscription, std::string_view tag) {
  if (subscription.tags.empty() || subscription.class_filter_mode) return true;
  return std::count(subscription.tags.begin(), subscription.tags.end(), tag) > 0;
}

}  // namespace gantry::client
