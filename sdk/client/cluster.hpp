// Cluster: the nameservers and, through them, the brokers; connections made once and reused. The
// base of Producer, Consumer and Admin. Owned and used by one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/connection.hpp"
#include "protocol/body_route.hpp"

namespace gantry::client {

// One queue of a topic and the broker (its master) that has it.
struct Queue {
  std::string broker;
  std::string address;
  int32_t id = 0;
  auto operator<=>(const Queue&) const = default;
};

class Cluster {
 public:
  // "host:port;host:port", the form RocketMQ clients take.
  explicit Cluster(std::string_view nameservers);

  // Asks the nameservers in turn until one answers.
  Outcome<Reply> ask_nameserver(int32_t code, const Fields& fields);
  Connection& broker(const std::string& address);

  // TOPIC_NOT_EXIST is a value with no queues, not a failure.
  Outcome<protocol::TopicRouteData> route(std::string_view topic);
  Outcome<protocol::ClusterInfo> info();

 private:
  std::vector<Connection> nameservers_;
  std::map<std::string, Connection> brokers_;
};

// The queues one may send to, or read from, in the order of broker and number.
std::vector<Queue> writable_queues(const protocol::TopicRouteData& route);
std::vector<Queue> readable_queues(const protocol::TopicRouteData& route);

// An answer that isn't a success, as a sentence: "broker 127.0.0.1:10911 answered 17 (...): ...".
Failure refused(const std::string& address, const Reply& reply);

}  // namespace gantry::client
