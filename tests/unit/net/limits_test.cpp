#include <thread>

#include "base/endian.hpp"
#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;

namespace {

DoorOptions options() { return {}; }

// A frame of exactly `total` bytes.
std::vector<uint8_t> sized_frame(uint64_t total) {
  const uint64_t empty = frame_bytes(echo, 1).size();
  return frame_bytes(echo, 1, std::string(total - empty, 'z'));
}

}  // namespace

TEST_CASE("a frame of the largest size is served and one byte more closes the connection") {
  Node node(GENERATE(1u, 2u));
  const uint64_t limit = node.door->options().frame_bytes_max;
  CHECK(limit == 16'777'216);
  Client client(node.port());
  std::thread sender([&] { client.send(sized_frame(limit)); });
  const auto reply = client.receive();
  sender.join();
  REQUIRE(reply);
  CHECK(reply->body.size() == limit - frame_bytes(echo, 1).size());

  auto larger = sized_frame(limit);
  store_be(larger.data(), load_be<uint32_t>(larger.data()) + 1);
  Client refused(node.port());
  REQUIRE(refused.send(Bytes(larger).first(100)));
  CHECK(refused.ended());
  node.settle();
  CHECK(node.network.counters().malformed == 1);
}

TEST_CASE("garbage closes only its own connection") {
  Node node(GENERATE(1u, 2u));
  const auto bad_json = [] {
    auto bytes = frame_bytes(echo, 1);
    bytes[8] = '[';
    return bytes;
  }();
  const auto bad_kind = [] {
    auto bytes = frame_bytes(echo, 1);
    bytes[4] = 9;
    return bytes;
  }();
  const auto long_header = [] {
    auto bytes = frame_bytes(echo, 1);
    bytes[5] = 0xff;
    return bytes;
  }();
  const std::string http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::vector<uint8_t>> garbage = {
      bad_json, bad_kind, long_header, {http.begin(), http.end()}, {0, 0, 0, 0}, {0x16, 3, 1, 2}};
  Client neighbour(node.port());
  for (size_t i = 0; i < garbage.size(); ++i) {
    INFO("garbage " << i);
    Client client(node.port());
    auto bytes = frame_bytes(echo, 77, "good");
    bytes.insert(bytes.end(), garbage[i].begin(), garbage[i].end());
    REQUIRE(client.send(bytes));
    const auto reply = client.receive();
    REQUIRE(reply);
    CHECK(reply->opaque == 77);
    CHECK(client.ended());
    REQUIRE(node.sink.closed(i + 1).size() == i + 1);
    REQUIRE(neighbour.send_frame(echo, static_cast<int32_t>(i), "fine"));
    CHECK(neighbour.receive_body() == "fine");
  }
  node.settle();
  CHECK(node.network.counters().malformed == garbage.size());
}

TEST_CASE("a client that does not read its answers is not read from, and memory stays bounded") {
  auto limits = options();
  limits.write_queue_bytes_max = 1'000'000;
  Node node(GENERATE(1u, 2u), limits);
  Sink::live_bytes = Sink::live_bytes_max = 0;
  constexpr int requests = 600;
  constexpr int64_t each = 100'000;
  Client slow(node.port(), 8 * 1024), neighbour(node.port());
  std::vector<uint8_t> all;
  for (int i = 0; i < requests; ++i) {
    const auto one = frame_bytes(large, i, std::to_string(each));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(slow.send(all));
  REQUIRE(node.sink.requests(1));
  REQUIRE(neighbour.send_frame(echo, 1, "not held up"));
  CHECK(neighbour.receive_body() == "not held up");
  for (int i = 0; i < requests; ++i) {
    const auto reply = slow.receive();
    REQUIRE(reply);
    REQUIRE(reply->opaque == i);
    REQUIRE(reply->body.size() == each);
  }
  node.settle();
  CHECK(node.network.counters().paused > 0);
  CHECK(Sink::live_bytes_max <= 1'000'000 + each);
  CHECK(Sink::live_bytes == 0);
}

TEST_CASE("an idle session is closed and an active neighbour is not") {
  Node node(GENERATE(1u, 2u));
  Client idle(node.port()), active(node.port());
  const auto ids = node.sink.opened(2);
  node.clock.advance_ms(100'000);
  node.runtime.poke();
  node.settle();
  REQUIRE(active.send_frame(echo, 1, "awake"));
  REQUIRE(active.receive());
  node.clock.advance_ms(30'000);
  node.runtime.poke();
  CHECK(idle.ended());
  CHECK(node.sink.closed(1).size() == 1);
  REQUIRE(active.send_frame(echo, 2, "still"));
  CHECK(active.receive_body() == "still");
  CHECK(node.network.counters().idle_closed == 1);
}

TEST_CASE("connections over the door's limit are refused until one has gone") {
  auto limits = options();
  limits.connections_max = 2;
  Node node(GENERATE(1u, 2u), limits);
  Client first(node.port()), second(node.port());
  REQUIRE(node.sink.opened(2).size() == 2);
  Client third(node.port());
  CHECK(third.ended());
  CHECK(node.network.counters().refused == 1);
  first.close();
  REQUIRE(node.sink.closed(1).size() == 1);
  Client fourth(node.port());
  REQUIRE(fourth.send_frame(echo, 1, "in"));
  CHECK(fourth.receive_body() == "in");
}
