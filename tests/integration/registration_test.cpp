// A nameserver node and broker nodes that know each other by address only.
#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <set>

#include "client/admin.hpp"
#include "client/cluster.hpp"
#include "client/producer.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "relay.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using std::chrono::steady_clock;

namespace {

constexpr auto patience = std::chrono::seconds(20);

Shape nameserver_shape(std::string address = "127.0.0.1:0") {
  Shape shape;
  shape.load = {"nameserver"};
  shape.doors = {{"nameserver", "nameserver", std::move(address)}};
  shape.plugins = "[plugins.nameserver]\nrequired = true\n";
  return shape;
}

Shape broker_shape(const std::string& name, const std::vector<std::string>& nameservers,
                   const std::string& more = "", std::string address = "127.0.0.1:0") {
  Shape shape;
  shape.broker = name;
  shape.load = {"metadata_lmdb", "store_file", "messaging"};
  shape.doors = {{"broker", "messaging", std::move(address)}};
  std::string list;
  for (const std::string& one : nameservers) list += (list.empty() ? "\"" : ", \"") + one + '"';
  shape.plugins = "[plugins.messaging]\nrequired = true\nnameservers = [" + list + "]\n" + more;
  return shape;
}

void start(TestNode& node, const Shape& shape) {
  const Outcome<void> started = node.start(shape);
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
}

void stop(TestNode& node) {
  node.stop();
  CHECK(node.failure() == "");
}

// Asks until it is so; each question is a round trip, so nothing spins.
bool comes_true(const std::function<bool()>& so) {
  const auto deadline = steady_clock::now() + patience;
  while (!so()) {
    if (steady_clock::now() > deadline) return false;
  }
  return true;
}

// The brokers of the topic's route, by name.
std::string brokers_of(client::Cluster& cluster, const std::string& topic) {
  const auto route = cluster.route(topic);
  REQUIRE(route.has_value());
  std::string out;
  for (const auto& broker : route->brokers) out += (out.empty() ? "" : " ") + broker.broker_name;
  return out;
}

bool appear(client::Cluster& cluster, const std::string& brokers) {
  return comes_true([&] { return brokers_of(cluster, "TBW102") == brokers; });
}

}  // namespace

TEST_CASE("two brokers of one cluster are routed to, each until it stops") {
  TestNode nameserver, a, b;
  start(nameserver, nameserver_shape());
  client::Cluster cluster(nameserver.nameserver());
  CHECK(brokers_of(cluster, "TBW102") == "");
  start(a, broker_shape("broker-a", {nameserver.nameserver()}));
  start(b, broker_shape("broker-b", {nameserver.nameserver()}));
  REQUIRE(appear(cluster, "broker-a broker-b"));

  // A change is there at once: the answer to who made it comes after the nameserver's.
  auto users = std::make_optional<client::Cluster>(nameserver.nameserver());
  REQUIRE(client::Admin(*users).create_topic({.name = "orders", .read_queues = 3, .write_queues = 2}).has_value());
  const auto route = cluster.route("orders");
  REQUIRE(route.has_value());
  REQUIRE(route->brokers.size() == 2);
  REQUIRE(route->queues.size() == 2);
  CHECK(route->brokers[0].cluster == "DefaultCluster");
  CHECK(route->brokers[0].addresses.at(0) == a.address("broker"));
  CHECK(route->brokers[1].addresses.at(0) == b.address("broker"));
  CHECK(route->queues[0].read_queues == 3);
  CHECK(route->queues[1].write_queues == 2);
  CHECK(client::writable_queues(*route).size() == 4);

  auto producer = std::make_optional<client::Producer>(*users, "registration_producer");
  std::set<std::string> used;
  for (int i = 0; i < 4; ++i) {
    const auto sent = producer->send({.topic = "orders", .body = "x", .tags = "", .keys = ""});
    REQUIRE(sent.has_value());
    used.insert(sent->queue.broker);
  }
  CHECK(used == std::set<std::string>{"broker-a", "broker-b"});

  producer.reset();
  users.reset();
  stop(b);  // it takes itself out before it ends
  CHECK(brokers_of(cluster, "orders") == "broker-a");
  stop(a);
  CHECK(brokers_of(cluster, "orders") == "");
}

TEST_CASE("a broker whose connection is cut is gone, and comes back by itself") {
  TestNode nameserver, a, b;
  start(nameserver, nameserver_shape());
  Relay relay(nameserver.nameserver());
  client::Cluster cluster(nameserver.nameserver());
  const std::string often = "register_interval_ms = 1000\n";
  const std::string unforced = GENERATE("", "register_forced = false\n");
  start(a, broker_shape("broker-a", {nameserver.nameserver()}));
  start(b, broker_shape("broker-b", {relay.address()},
                        often + unforced + "register_compressed = true\n"));
  REQUIRE(appear(cluster, "broker-a broker-b"));
  relay.close();
  REQUIRE(appear(cluster, "broker-a"));
  relay.open();
  REQUIRE(appear(cluster, "broker-a broker-b"));
  stop(b);
  CHECK(brokers_of(cluster, "TBW102") == "broker-a");
  stop(a);
}

TEST_CASE("a nameserver that is down costs neither sends nor the stop of a broker any time") {
  TestNode nameserver, down, broker;
  start(nameserver, nameserver_shape());
  start(down, nameserver_shape());
  const std::string gone = down.nameserver();
  stop(down);
  const std::string often = "register_interval_ms = 1000\n";
  start(broker, broker_shape("broker-a", {gone, nameserver.nameserver()}, often));
  client::Cluster cluster(nameserver.nameserver());
  REQUIRE(appear(cluster, "broker-a"));
  auto users = std::make_optional<client::Cluster>(nameserver.nameserver());
  auto producer = std::make_optional<client::Producer>(*users, "registration_producer");
  for (const char* topic : {"one", "two", "three"}) {
    const auto begun = steady_clock::now();
    REQUIRE(producer->send({.topic = topic, .body = "x", .tags = "", .keys = ""}).has_value());
    CHECK(steady_clock::now() - begun < std::chrono::seconds(2));
  }
  // Once it is there, it is told.
  start(down, nameserver_shape(gone));
  {
    client::Cluster other(gone);
    // What it is told first may have been written before the last topic was made.
    REQUIRE(comes_true([&] { return brokers_of(other, "three") == "broker-a"; }));
  }
  producer.reset();
  users.reset();
  const auto begun = steady_clock::now();
  stop(down);
  stop(broker);
  CHECK(steady_clock::now() - begun < std::chrono::seconds(20));
  CHECK(brokers_of(cluster, "TBW102") == "");
}

TEST_CASE("a broker on an IPv6 address is routed to in brackets") {
  TestNode nameserver, broker;
  start(nameserver, nameserver_shape("[::1]:0"));
  start(broker, broker_shape("broker-6", {nameserver.nameserver()}, "", "[::1]:0"));
  client::Cluster cluster(nameserver.nameserver());
  REQUIRE(appear(cluster, "broker-6"));
  const auto route = cluster.route("TBW102");
  REQUIRE(route.has_value());
  CHECK(route->brokers[0].addresses.at(0) == broker.address("broker"));
  CHECK(route->brokers[0].addresses.at(0).starts_with("[::1]:"));
  client::Cluster users(nameserver.nameserver());
  client::Producer producer(users, "registration_producer");
  CHECK(producer.send({.topic = "six", .body = "x", .tags = "", .keys = ""}).has_value());
}
