#include "client/cluster.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "protocol/codes.hpp"
#include "protocol/json.hpp"

namespace gantry::client {
namespace {

std::vector<Queue> queues_of(const protocol::TopicRouteData& route, int32_t perm,
                             int32_t protocol::QueueData::*count) {
  std::vector<Queue> queues;
  for (const protocol::QueueData& data : route.queues) {
    if (!(data.perm & perm)) continue;
    for (const protocol::BrokerData& broker : route.brokers) {
      if (broker.broker_name != data.broker_name) continue;
      const auto master = broker.addresses.find(0);
      if (master == broker.addresses.end()) continue;
      for (int32_t id = 0; id < data.*count; ++id) {
        queues.push_back({broker.broker_name, master->second, id});
      }
    }
  }
  std::sort(queues.begin(), queues.end());
  return queues;
}

}  // namespace

Cluster::Cluster(std::string_view nameservers) {
  while (!nameservers.empty()) {
    const size_t end = nameservers.find(';');
    const std::string_view address = nameservers.substr(0, end);
    if (!address.empty()) nameservers_.emplace_back(std::string(address));
    if (end == std::string_view::npos) break;
    nameservers.remove_prefix(end + 1);
  }
}

Outcome<Reply> Cluster::ask_nameserver(int32_t code, const Fields& fields) {
  Failure last = fail("no nameserver is given");
  for (Connection& nameserver : nameservers_) {
    Outcome<Reply> reply = nameserver.call(code, fields);
    if (reply) return reply;
    last = reply.error();
  }
  return last;
}

Connection& Cluster::broker(const std::string& address) {
  return brokers_.try_emplace(address, address).first->second;
}

Outcome<protocol::TopicRouteData> Cluster::route(std::string_view topic) {
  Outcome<Reply> reply =
      ask_nameserver(protocol::request_code::get_routeinfo_by_topic,
                     {{"topic", std::string(topic)}, {"acceptStandardJsonOnly", "true"}});
  if (!reply) return reply.error();
  if (reply->code == protocol::response_code::topic_not_exist) return protocol::TopicRouteData{};
  if (reply->code != 0) return refused("the nameserver", *reply);
  const auto json = protocol::read_json(reply->body);
  if (!json) return fail("the nameserver's route is no JSON: " + json.error().text);
  auto route = protocol::TopicRouteData::from_json(*json);
  if (!route) return fail("the nameserver's route: " + route.error().text);
  return std::move(*route);
}

Outcome<protocol::ClusterInfo> Cluster::info() {
  Outcome<Reply> reply = ask_nameserver(protocol::request_code::get_broker_cluster_info, {});
  if (!reply) return reply.error();
  if (reply->code != 0) return refused("the nameserver", *reply);
  const auto json = protocol::read_json(reply->body);
  if (!json) return fail("the nameserver's cluster information is no JSON: " + json.error().text);
  auto info = protocol::ClusterInfo::from_json(*json);
  if (!info) return fail("the nameserver's cluster information: " + info.error().text);
  return std::move(*info);
}

std::vector<Queue> writable_queues(const protocol::TopicRouteData& route) {
  return queues_of(route, protocol::perm::write, &protocol::QueueData::write_queues);
}

std::vector<Queue> readable_queues(const protocol::TopicRouteData& route) {
  return queues_of(route, protocol::perm::read, &protocol::QueueData::read_queues);
}

Failure refused(const std::string& address, const Reply& reply) {
  const std::string_view name = protocol::response_code_name(reply.code);
  return fail(fmt::format("{} answered {} ({}){}{}", address, reply.code,
                          name.empty() ? "unknown" : name, reply.remark.empty() ? "" : ": ",
                          reply.remark));
}

}  // namespace gantry::client
