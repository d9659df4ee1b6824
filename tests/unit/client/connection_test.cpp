// Connections: what is asked, what comes back, what happens when nothing does.
#include "client/connection.hpp"

#include <catch2/catch.hpp>
#include <future>

#include "client/cluster.hpp"
#include "client/queue.hpp"
#include "protocol/bodies.hpp"
#include "scripted_server.hpp"

namespace gantry::client::testing {

TEST_CASE("a call that isn't answered ends in time, says so, and the next one works") {
  std::atomic<bool> silent{true};
  ScriptedServer server([&](const Request& request) -> std::optional<Reply> {
    if (silent) return std::nullopt;
    return reply(0, request.body);
  });
  Connection connection(server.address());
  const auto none = connection.call(28, {}, "x", milliseconds(20));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().text.find(server.address()) != std::string::npos);
  CHECK(none.error().text.find("no answer within") != std::string::npos);
  silent = false;
  CHECK(connection.call(28, {}, "hello").value().body == "hello");
  CHECK(server.connections() == 2);
}

TEST_CASE("requests of many threads share a connection and get their own answers") {
  ScriptedServer server([](const Request& request) { return reply(0, request.body); });
  Cluster cluster("127.0.0.1:1");
  std::vector<std::future<int>> wrong;
  for (int thread = 0; thread < 4; ++thread) {
    wrong.push_back(std::async(std::launch::async, [&, thread] {
      int count = 0;
      for (int i = 0; i < 200; ++i) {
        const std::string body = std::to_string(thread * 1000 + i);
        const auto answer = cluster.call(server.address(), 28, {}, body);
        count += answer && answer->body == body ? 0 : 1;
      }
      return count;
    }));
  }
  for (auto& count : wrong) CHECK(count.get() == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("a peer that hangs up fails what is under way, and is dialled again") {
  ScriptedServer* hanging = nullptr;
  std::atomic<bool> hang{true};
  ScriptedServer server([&](const Request&) -> std::optional<Reply> {
    if (!hang) return reply(0);
    hanging->hang_up();
    return std::nullopt;
  });
  hanging = &server;
  Cluster cluster("127.0.0.1:1");
  const auto failed = cluster.call(server.address(), 28, {});
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().text.find("closed") != std::string::npos);
  hang = false;
  CHECK(cluster.call(server.address(), 28, {}).has_value());
}

TEST_CASE("the next nameserver is asked when one is gone, and asked first from then on") {
  std::string gone;
  { gone = ScriptedServer([](const Request&) { return std::nullopt; }).address(); }
  ScriptedServer there([](const Request&) {
    return reply(0, route_body({"10.0.0.1:10911"}, 2));
  });
  Cluster cluster(gone + ";" + there.address());
  for (int i = 0; i < 3; ++i) {
    const auto route = cluster.route("orders");
    REQUIRE(route.has_value());
    CHECK(readable_queues(*route).size() == 2);
  }
  Cluster nobody(gone);
  CHECK(nobody.route("orders").error().text.find("nameserver " + gone) != std::string::npos);
}

TEST_CASE("addresses that are none are refused with their text") {
  Cluster cluster("127.0.0.1:1");
  for (const char* address : {"", "host", "127.0.0.1:port", "127.0.0.1:0", "127.0.0.1:70000"}) {
    INFO(address);
    const auto none = cluster.call(address, 28, {});
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().text.find(std::string("\"") + address + "\"") != std::string::npos);
  }
}

TEST_CASE("an order topic has the queues its configuration names") {
  auto route = protocol::read_body<protocol::TopicRouteData>(
                   route_body({"10.0.0.1:10911", "10.0.0.2:10911"}, 4))
                   .value();
  CHECK(writable_queues(route).size() == 8);
  route.order_topic_conf = "b:2;nobody:9;a:1;broken";
  const auto queues = writable_queues(route);
  REQUIRE(queues.size() == 3);
  CHECK(queues[0] == Queue{"b", "10.0.0.2:10911", 0});
  CHECK(queues[2] == Queue{"a", "10.0.0.1:10911", 0});
  CHECK(readable_queues(route).size() == 8);
  route.queues[0].perm = 2;
  CHECK(readable_queues(route).size() == 4);
}

}  // namespace gantry::client::testing
