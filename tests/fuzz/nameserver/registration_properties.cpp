#include "fuzz/nameserver/registration_properties.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "nameserver/registration.hpp"
#include "nameserver/routes.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::testing {
namespace {

using namespace nameserver;

constexpr RegistrationLimits limits{.expiry_ms = 120'000, .body_bytes_max = 1 << 20};

std::string deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

// A request that borrows from what it is given.
gantry_request request_of(const std::vector<gantry_property>& fields, const gantry_slice& body,
                          int32_t version) {
  gantry_request request{};
  request.struct_size = sizeof request;
  request.version = version;
  request.fields = fields.data();
  request.field_count = static_cast<uint32_t>(fields.size());
  request.body = &body;
  request.body_count = 1;
  return request;
}

// Read, or refused with a reason; anything else thrown is the fuzzer's find.
template <class Read>
auto read_or_refuse(std::string& broken, Read&& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const sdk::Refusal& refusal) {
    if (std::string_view(refusal.what()).empty()) broken = "a refusal without a reason";
    return std::nullopt;
  }
}

// One topic by itself (217): taken whole, or nothing of it.
std::string broken_topic(const protocol::TopicRouteData& route) {
  const BrokerId broker{"c", "b", "10.0.0.1:10911", 0};
  Registration registration;
  registration.broker = broker;
  Routes routes;
  routes.register_broker(registration, 7, 0);
  const bool is_whole =
      std::all_of(route.queues.begin(), route.queues.end(),
                  [&](const protocol::QueueData& row) { return row.broker_name == broker.name; });
  if (routes.register_topic("t", route.queues).has_value() == is_whole)
    return "whether a topic is taken";
  const auto found = routes.table()->route_of("t");
  if (found.has_value() != (is_whole && !route.queues.empty())) return "the route of a topic alone";
  routes.delete_topic("t", "");
  return routes.table()->topics.empty() ? "" : "a deleted topic stayed";
}

std::string broken_routes(const Registration& registration) {
  Routes routes;
  const Routes::Accepted accepted = routes.register_broker(registration, 7, 0);
  const auto& topics = registration.body.topics.topics;
  const bool lone = topics.size() == 1;
  if ((accepted.kind == Routes::Accepted::Kind::lone_topic) != lone) return "who is accepted";
  for (const auto& [name, topic] : topics) {
    if (routes.table()->route_of(name).has_value() == lone) return "the route of " + name;
  }
  const auto version = routes.query(registration.broker, 7, 0);
  if (version.has_value() == lone) return "whether its version is known";
  if (version && *version != registration.body.topics.data_version) return "its version";
  routes.forget_session(7);
  const auto table = routes.table();
  return table->topics.empty() && table->brokers.empty() ? "" : "something stayed";
}

}  // namespace

std::string broken_registration(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return {};
  const uint8_t how = bytes[0];
  std::string body(bytes.begin() + 1, bytes.end());
  if (how & 2) body = deflated(body);
  const gantry_slice slice{reinterpret_cast<const uint8_t*>(body.data()), body.size(), nullptr};
  const std::vector<gantry_property> fields = {
      {sdk::str("brokerName"), sdk::str("b")},
      {sdk::str("brokerAddr"), sdk::str("10.0.0.1:10911")},
      {sdk::str("clusterName"), sdk::str("c")},
      {sdk::str("brokerId"), sdk::str("0")},
      {sdk::str("compressed"), sdk::str(how & 1 ? "true" : "false")}};
  const int32_t version = how & 4 ? protocol::version::v5_0_0 : 0;
  const gantry_request request = request_of(fields, slice, version);
  std::string broken;
  read_or_refuse(broken, [&] { return read_data_version(request); });
  const auto topic = read_or_refuse(broken, [&] { return read_topic_route(request); });
  if (broken.empty() && topic) broken = broken_topic(*topic);
  const auto registration =
      read_or_refuse(broken, [&] { return read_registration(request, limits); });
  if (!broken.empty() || !registration) return broken;
  return broken_routes(*registration);
}

}  // namespace gantry::testing
