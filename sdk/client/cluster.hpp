// Cluster: the nameservers and, through them, the brokers; one connection to each, shared by all that
// is built on it: producers, consumers, Admin. They hold a reference: it must outlive them.
//
// It has one thread of its own, which does all input and output, refreshes routes and sends
// heartbeats. Its functions are called from any thread but that one, so not from completions; they
// wait, each call with a deadline. A failure is a sentence that names the address and what to look
// at.
//
//   client::Cluster cluster("127.0.0.1:9876");
//   auto route = cluster.route("orders");
//   if (!route) fmt::print("{}\n", route.error().text);
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client/queue.hpp"
#include "client/request.hpp"
#include "protocol/body_route.hpp"

namespace gantry::client {

class Core;

struct ClusterOptions {
  // "host:port;host:port", the form RocketMQ clients take. Empty: the environment's NAMESRV_ADDR,
  // and 127.0.0.1:9876 without it.
  std::string nameservers = {};
  milliseconds route_interval{30'000};      // between refreshes of the routes in use
  milliseconds heartbeat_interval{30'000};  // to every broker of those routes
  milliseconds call_timeout = client::call_timeout;
};

class Cluster {
 public:
  explicit Cluster(std::string_view nameservers = {});
  explicit Cluster(const ClusterOptions& options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Asks a broker.
  Outcome<Reply> call(const std::string& address, int32_t code, const Fields& fields,
                      std::string_view body = {});
  // Asks the nameservers in turn until one answers, beginning with the one that did last.
  Outcome<Reply> ask_nameserver(int32_t code, const Fields& fields);
  // Asks all of them; the first failure or refusal.
  Outcome<void> tell_nameservers(int32_t code, const Fields& fields);

  // Asks for the route now. TOPIC_NOT_EXIST is a value with no queues, not a failure.
  Outcome<protocol::TopicRouteData> route(std::string_view topic);
  Outcome<protocol::ClusterInfo> info();

  // How brokers know this client: "127.0.0.1@4711#0". The address is the one used towards the
  // nameserver, so it is known once that was asked.
  std::string client_id() const;

  // For the library's own classes.
  Core& core() { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace gantry::client
