#include "client/cluster.hpp"

#include <fmt/format.h>

#include "client/core.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::client {
namespace {

ClusterOptions at(std::string_view nameservers) {
  ClusterOptions options;
  options.nameservers = nameservers;
  return options;
}

}  // namespace

Cluster::Cluster(std::string_view nameservers) : Cluster(at(nameservers)) {}
Cluster::Cluster(const ClusterOptions& options) : core_(std::make_unique<Core>(options)) {}
Cluster::~Cluster() = default;

Outcome<Reply> Cluster::call(const std::string& address, int32_t code, const Fields& fields,
                             std::string_view body) {
  return core_->run(
      core_->ask(address, Request{code, fields, std::string(body)}, core_->options().call_timeout));
}

Outcome<Reply> Cluster::ask_nameserver(int32_t code, const Fields& fields) {
  return core_->run(core_->ask_nameserver(Request{code, fields}));
}

Outcome<void> Cluster::tell_nameservers(int32_t code, const Fields& fields) {
  return core_->run(core_->tell_nameservers(Request{code, fields}));
}

Outcome<protocol::TopicRouteData> Cluster::route(std::string_view topic) {
  auto route = core_->run(core_->fresh_route(std::string(topic)));
  if (!route) return route.error();
  return (*route)->data;
}

Outcome<protocol::ClusterInfo> Cluster::info() {
  Outcome<Reply> reply = ask_nameserver(protocol::request_code::get_broker_cluster_info, {});
  if (!reply) return reply.error();
  if (reply->code != 0) return refused("the nameserver", *reply);
  auto info = protocol::read_body<protocol::ClusterInfo>(reply->body);
  if (!info) return fail("the nameserver's cluster information: " + info.error().text);
  return std::move(*info);
}

std::string Cluster::client_id() const { return core_->client_id(); }

Failure refused(const std::string& who, const Reply& reply) {
  const std::string_view name = protocol::response_code_name(reply.code);
  return fail(fmt::format("{} answered {} ({}){}{}", who, reply.code,
                          name.empty() ? "unknown" : name, reply.remark.empty() ? "" : ": ",
                          reply.remark));
}

}  // namespace gantry::client
