// Registration: what a broker says of itself with 103, read and checked. Values; any thread.
#pragma once

#include <gantry/host/requests.h>

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/body_route.hpp"
#include "protocol/body_topics.hpp"

namespace gantry::nameserver {

struct BrokerId {
  std::string cluster;
  std::string name;
  std::string address;  // "host:port" that clients dial
  int64_t id = 0;       // 0 is the master
};

struct Registration {
  BrokerId broker;
  std::string ha_address;
  std::string zone;
  std::optional<bool> acting_master;  // nothing: a broker older than the question
  int64_t timeout_ms = 0;             // without a heartbeat
  protocol::RegisterBrokerBody body;
};

struct RegistrationLimits {
  int64_t expiry_ms;      // when the broker does not say
  size_t body_bytes_max;  // also of what a compressed body becomes
};

// All throw sdk::Refusal with the wire code, naming field and value.
BrokerId read_broker(const gantry_request& request);
// The body of 322: the version of its topics the broker has.
protocol::DataVersion read_data_version(const gantry_request& request);
// The body of 217: one topic's queues; empty if there is none.
protocol::TopicRouteData read_topic_route(const gantry_request& request);
Registration read_registration(const gantry_request& request, const RegistrationLimits& limits);

}  // namespace gantry::nameserver
