#include <map>
#include <set>
#include <thread>

#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;

TEST_CASE("frames that arrive in one read are answered in order with one write") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  std::vector<uint8_t> all;
  for (int i = 0; i < 100; ++i) {
    const auto one = frame_bytes(echo, i, "body " + std::to_string(i));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(client.send(all));
  for (int i = 0; i < 100; ++i) {
    const auto reply = client.receive();
    REQUIRE(reply);
    REQUIRE(reply->opaque == i);
    REQUIRE(reply->flag == wire::flag_response);
    REQUIRE(reply->body == "body " + std::to_string(i));
  }
  node.settle();
  const Counters counters = node.network.counters();
  CHECK(counters.frames == 100);
  CHECK(counters.reads == 1);
  CHECK(counters.writes == 1);
}

TEST_CASE("a frame sent byte by byte is answered like any other") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const auto bytes = frame_bytes(echo, -5, "slowly");
  for (const uint8_t& byte : bytes) REQUIRE(client.send({&byte, 1}));
  const auto reply = client.receive();
  REQUIRE(reply);
  CHECK(reply->opaque == -5);
  CHECK(reply->body == "slowly");
}

TEST_CASE("a large frame arrives in a buffer of its own that may be kept") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const std::string body(3'000'000, 'q');
  std::thread sender([&] { client.send_frame(echo, 1, body); });
  const auto reply = client.receive();
  sender.join();
  REQUIRE(reply);
  CHECK(reply->body == body);
  CHECK(node.sink.kept_frames() == 1);
}

TEST_CASE("sessions are spread over the shards, and their numbers say where they live") {
  Node node(2);
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) clients.emplace_back(node.port());
  std::map<uint32_t, int> per_shard;
  std::set<uint64_t> numbers;
  for (const SessionId id : node.sink.opened(6)) {
    ++per_shard[node.network.sessions().shard_of(id)];
    numbers.insert(id.value);
  }
  CHECK(per_shard == std::map<uint32_t, int>{{0, 3}, {1, 3}});
  CHECK(numbers.size() == 6);
  CHECK(node.network.sessions().shard_of(SessionId{0}) == runtime::no_shard);
  CHECK(node.network.sessions().shard_of(SessionId{200}) == runtime::no_shard);
}

TEST_CASE("a session knows its peer as bytes and as text, until it has gone") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  const auto peer = node.network.sessions().peer_of(id);
  REQUIRE(peer);
  CHECK(std::vector<uint8_t>(peer->bytes().begin(), peer->bytes().end()) ==
        std::vector<uint8_t>{127, 0, 0, 1});
  CHECK(peer->text() == "127.0.0.1:" + std::to_string(peer->port));
  client.close();
  REQUIRE(node.sink.closed(1).size() == 1);
  CHECK_FALSE(node.network.sessions().peer_of(id));
}

TEST_CASE("an answer sent from another thread reaches its client") {
  Node node(GENERATE(1u, 2u));
  Client first(node.port()), second(node.port());
  const auto ids = node.sink.opened(2);
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) {
      for (const SessionId id : ids) {
        OutFrame frame;
        frame.head = frame_bytes(0, i, {}, wire::flag_response);
        node.network.sessions().send(id, std::move(frame));
      }
    }
  });
  for (int i = 0; i < 50; ++i) {
    REQUIRE(first.receive().value_or(Reply{}).opaque == i);
    REQUIRE(second.receive().value_or(Reply{}).opaque == i);
  }
  other.join();
}

TEST_CASE("what is sent to a session that has gone is dropped, released and counted") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  client.close();
  REQUIRE(node.sink.closed(1) == std::vector{id});
  const BufferRef body = make_buffer(100'000);
  OutFrame frame;
  frame.head = frame_bytes(0, 1);
  frame.body.push_back({{body->data(), body->size()}, body});
  node.network.sessions().send(id, std::move(frame));
  node.network.sessions().close(id, "again");
  node.settle();
  CHECK_FALSE(body->shared());
  CHECK(node.network.counters().dropped_sends == 1);
}

TEST_CASE("an abrupt reset ends its session alone") {
  Node node(GENERATE(1u, 2u));
  Client broken(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  Client neighbour(node.port());
  REQUIRE(broken.send_frame(silent, 1));
  REQUIRE(node.sink.requests(1));
  broken.reset();
  CHECK(node.sink.closed(1) == std::vector{id});
  REQUIRE(neighbour.send_frame(echo, 2, "still here"));
  CHECK(neighbour.receive_body() == "still here");
}

TEST_CASE("a handler may close its session: what it sent before still leaves") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  auto bytes = frame_bytes(close_after, 1, "last words");
  const auto ignored = frame_bytes(echo, 2);
  bytes.insert(bytes.end(), ignored.begin(), ignored.end());
  REQUIRE(client.send(bytes));
  CHECK(client.receive_body() == "last words");
  CHECK(client.ended());
  CHECK(node.sink.closed(1).size() == 1);
  CHECK(node.network.counters().frames == 1);
}

TEST_CASE("a session closed from another thread sees the end of the stream") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  node.network.sessions().close(node.sink.opened(1).at(0), "not wanted");
  CHECK(client.ended());
  CHECK(node.sink.closed(1).size() == 1);
}
