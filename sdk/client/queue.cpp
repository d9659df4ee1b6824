#include "client/queue.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "protocol/codes.hpp"
#include "protocol/headers.hpp"

namespace gantry::client {
namespace {

const std::string* master_of(const protocol::TopicRouteData& route, const std::string& broker) {
  for (const protocol::BrokerData& data : route.brokers) {
    if (data.broker_name != broker) continue;
    const auto master = data.addresses.find(0);
    if (master != data.addresses.end()) return &master->second;
  }
  return nullptr;
}

void append(std::vector<Queue>& queues, const protocol::TopicRouteData& route,
            const std::string& broker, int32_t count) {
  const std::string* address = master_of(route, broker);
  if (address == nullptr) return;
  for (int32_t id = 0; id < count; ++id) queues.push_back({broker, *address, id});
}

// "broker-a:4;broker-b:4" (namesrv: ORDER_TOPIC_CONFIG). What isn't a count is left out.
std::vector<Queue> ordered_queues(const protocol::TopicRouteData& route) {
  std::vector<Queue> queues;
  std::string_view left = route.order_topic_conf;
  while (!left.empty()) {
    const std::string_view item = left.substr(0, left.find(';'));
    left.remove_prefix(std::min(left.size(), item.size() + 1));
    const size_t colon = item.find(':');
    if (colon == std::string_view::npos) continue;
    const std::optional<int32_t> count = protocol::parse_i32(item.substr(colon + 1));
    append(queues, route, std::string(item.substr(0, colon)), count.value_or(0));
  }
  return queues;
}

std::vector<Queue> queues_of(const protocol::TopicRouteData& route, int32_t perm,
                             int32_t protocol::QueueData::*count) {
  std::vector<Queue> queues;
  for (const protocol::QueueData& data : route.queues) {
    if ((data.perm & perm) != 0) append(queues, route, data.broker_name, data.*count);
  }
  std::sort(queues.begin(), queues.end());
  return queues;
}

}  // namespace

std::vector<Queue> writable_queues(const protocol::TopicRouteData& route) {
  if (!route.order_topic_conf.empty()) return ordered_queues(route);
  return queues_of(route, protocol::perm::write, &protocol::QueueData::write_queues);
}

std::vector<Queue> readable_queues(const protocol::TopicRouteData& route) {
  return queues_of(route, protocol::perm::read, &protocol::QueueData::read_queues);
}

}  // namespace gantry::client
