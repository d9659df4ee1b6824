#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;

namespace {

Outcome<Door*> bind_door(Node& node, std::string name, std::string address) {
  DoorOptions options;
  options.name = std::move(name);
  options.address = std::move(address);
  return node.network.bind(std::move(options));
}

}  // namespace

TEST_CASE("a port that is taken is a failure that names the door and its address") {
  Node node(1);
  const std::string address = "127.0.0.1:" + std::to_string(node.port());
  const auto bound = bind_door(node, "broker", address);
  REQUIRE(bound.has_error());
  CHECK_THAT(bound.error().text, Catch::Contains("\"broker\"") && Catch::Contains(address) &&
                                     Catch::Contains("in use"));
}

TEST_CASE("an address that is none is a failure that shows it") {
  Node node(1);
  for (const char* address : {"", "9876", "localhost:1", "127.0.0.1", "127.0.0.1:",
                              "127.0.0.1:65536", "127.0.0.1:1x", "::1:9876", "[::1]", "1.2.3:4"}) {
    INFO(address);
    const auto bound = bind_door(node, "odd", address);
    REQUIRE(bound.has_error());
    CHECK_THAT(bound.error().text,
               Catch::Contains("\"odd\"") && Catch::Contains('"' + std::string(address) + '"'));
  }
}

TEST_CASE("a bound door knows its port and lets nobody in before it accepts") {
  ManualClock clock(1);
  Sink sink;
  runtime::Runtime runtime({.shards = 1, .workers = {.threads = 1}}, clock);
  Network network(runtime, sink);
  DoorOptions options;
  options.name = "later";
  options.address = "127.0.0.1:0";
  const auto door = network.bind(options);
  REQUIRE(door.has_value());
  CHECK((*door)->port() != 0);
  CHECK((*door)->address() == "127.0.0.1:" + std::to_string((*door)->port()));
  CHECK_FALSE(Client((*door)->port()).connected());
  runtime.start();
  REQUIRE(network.accept().has_value());
  Client client((*door)->port());
  REQUIRE(client.connected());
  REQUIRE(client.send_frame(echo, 1, "hello"));
  CHECK(client.receive_body() == "hello");
  network.shutdown(std::chrono::milliseconds(0));
  runtime.stop();
}

TEST_CASE("a door may listen on IPv6") {
  ManualClock clock(1);
  Sink sink;
  runtime::Runtime runtime({.shards = 1, .workers = {.threads = 1}}, clock);
  Network network(runtime, sink);
  DoorOptions options;
  options.name = "six";
  options.address = "[::]:0";
  const auto door = network.bind(options);
  if (!door) {
    WARN("this machine has no IPv6: " << door.error().text);
    return;
  }
  CHECK((*door)->address() == "[::]:" + std::to_string((*door)->port()));
  runtime.start();
  REQUIRE(network.accept().has_value());
  Client client((*door)->port());
  const SessionId id = sink.opened(1).at(0);
  CHECK(network.sessions().peer_of(id)->bytes().size() == 4);  // an IPv4 client is known as one
  network.shutdown(std::chrono::milliseconds(0));
  runtime.stop();
}

TEST_CASE("the limit of open files is raised to what the system allows") {
  const uint64_t limit = raise_open_files_limit();
  CHECK(limit > 0);
  CHECK(raise_open_files_limit() == limit);
}
