#include <thread>

#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;

TEST_CASE("a graceful shutdown delivers what is queued, then ends the stream") {
  Node node(GENERATE(1u, 2u));
  constexpr int64_t bytes = 15'000'000;
  Client slow(node.port(), 8 * 1024), idle(node.port());
  REQUIRE(slow.send_frame(large, 1, std::to_string(bytes)));
  REQUIRE(node.sink.requests(1));
  std::thread control([&] { node.network.shutdown(std::chrono::seconds(20)); });
  CHECK(idle.ended());
  idle.close();
  const auto reply = slow.receive();
  REQUIRE(reply);
  CHECK(reply->body.size() == bytes);
  CHECK(slow.ended());
  slow.close();
  control.join();
  CHECK(node.sink.closed(2).size() == 2);
  CHECK(node.network.counters().open() == 0);
}

TEST_CASE("a shutdown closes hard whoever does not leave within the grace") {
  Node node(GENERATE(1u, 2u));
  Client stuck(node.port(), 8 * 1024), stays(node.port());
  REQUIRE(stuck.send_frame(large, 1, "15000000"));
  REQUIRE(node.sink.requests(1));
  REQUIRE(node.sink.opened(2).size() == 2);
  node.network.shutdown(std::chrono::milliseconds(1));
  CHECK(node.sink.closed(2).size() == 2);
  CHECK(node.network.counters().open() == 0);
}

TEST_CASE("a door that stopped listening still serves those who are in") {
  Node node(GENERATE(1u, 2u));
  Client inside(node.port());
  REQUIRE(node.sink.opened(1).size() == 1);
  node.network.close_listening();
  CHECK_FALSE(Client(node.port()).connected());
  REQUIRE(inside.send_frame(echo, 1, "served"));
  CHECK(inside.receive_body() == "served");
}

TEST_CASE("once clients are served no more, answers still reach them, and nothing else is read") {
  Node node(GENERATE(1u, 2u));
  constexpr int64_t bytes = 15'000'000;
  Client slow(node.port(), 8 * 1024), idle(node.port());
  REQUIRE(slow.send_frame(large, 1, std::to_string(bytes)));
  REQUIRE(node.sink.requests(1));
  node.network.close_listening();
  node.network.stop_serving();
  REQUIRE(slow.send_frame(echo, 2, "too late"));
  REQUIRE(idle.send_frame(echo, 3, "too late"));
  const auto reply = slow.receive();  // its last bytes leave room to go on reading
  REQUIRE(reply);
  CHECK(reply->body.size() == bytes);
  node.network.stop_serving();  // twice is once
  std::thread control([&] { node.network.shutdown(std::chrono::seconds(20)); });
  CHECK(slow.ended());
  CHECK(idle.ended());
  slow.close();
  idle.close();
  control.join();
  CHECK(node.network.counters().frames == 1);
}

TEST_CASE("requests that arrive during a shutdown are not served") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  REQUIRE(node.sink.opened(1).size() == 1);
  std::thread control([&] { node.network.shutdown(std::chrono::seconds(20)); });
  CHECK(client.ended());
  client.send_frame(echo, 1, "too late");
  client.close();
  control.join();
  CHECK(node.network.counters().frames == 0);
}
