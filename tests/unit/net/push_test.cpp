#include <future>

#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;

namespace {

// Waits for the end of one pushed request.
class Answer {
 public:
  struct Result {
    PushEnd end;
    int32_t code;
    std::string body;
    uint32_t shard;
  };
  PushCompletion completion() {
    return {[](void* context, const PushResult& result) {
              static_cast<Answer*>(context)->promise_.set_value(
                  {result.end, result.header ? result.header->code : -1,
                   {result.body.begin(), result.body.end()}, runtime::current_shard()});
            },
            this};
  }
  Result get() {
    auto future = promise_.get_future();
    REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    return future.get();
  }

 private:
  std::promise<Result> promise_;
};

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

wire::Header request(int32_t code) {
  wire::Header header;
  header.code = code;
  return header;
}

}  // namespace

TEST_CASE("a request pushed to a client completes with its response, on the session's shard") {
  Answer answer;
  Node node(GENERATE(1u, 2u));
  Client first(node.port());  // on shard 0, so that the next is on the last one
  REQUIRE(node.sink.opened(1).size() == 1);
  Client client(node.port());
  const SessionId id = node.sink.opened(2).at(1);
  auto& sessions = node.network.sessions();
  sessions.request(id, request(307), bytes_of("status?"), 5'000, answer.completion());
  const auto got = client.receive();
  REQUIRE(got);
  CHECK(got->code == 307);
  CHECK(got->flag == 0);
  CHECK(got->body == "status?");
  REQUIRE(client.send_frame(0, got->opaque, "well", wire::flag_response));
  const auto result = answer.get();
  CHECK(result.end == PushEnd::answered);
  CHECK(result.code == 0);
  CHECK(result.body == "well");
  CHECK(result.shard == sessions.shard_of(id));
}

TEST_CASE("a pushed request without a response times out, and a late response is counted") {
  Answer answer;
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  node.network.sessions().request(id, request(221), {}, 3'000, answer.completion());
  const auto got = client.receive();
  REQUIRE(got);
  node.clock.advance_ms(3'001);
  node.runtime.poke();
  CHECK(answer.get().end == PushEnd::timed_out);
  REQUIRE(client.send_frame(0, got->opaque, {}, wire::flag_response));
  REQUIRE(client.send_frame(echo, 1, "after"));
  CHECK(client.receive_body() == "after");
  CHECK(node.network.counters().unknown_responses == 1);
}

TEST_CASE("a client's own opaque numbers do not meet the node's") {
  Answer answer;
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  node.network.sessions().request(id, request(221), {}, 3'000, answer.completion());
  const auto got = client.receive();
  REQUIRE(got);
  REQUIRE(client.send_frame(echo, got->opaque, "mine"));
  const auto echoed = client.receive();
  REQUIRE(echoed);
  CHECK(echoed->flag == wire::flag_response);
  CHECK(echoed->body == "mine");
  REQUIRE(client.send_frame(5, got->opaque, {}, wire::flag_response));
  CHECK(answer.get().code == 5);
}

TEST_CASE("responses find their requests in whatever order they come") {
  Answer first, second;
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  node.network.sessions().request(id, request(1), {}, 60'000, first.completion());
  node.network.sessions().request(id, request(2), {}, 60'000, second.completion());
  const auto one = client.receive(), two = client.receive();
  REQUIRE((one && two));
  REQUIRE(one->opaque != two->opaque);
  REQUIRE(client.send_frame(20, two->opaque, {}, wire::flag_response));
  REQUIRE(client.send_frame(30, two->opaque, {}, wire::flag_response));
  REQUIRE(client.send_frame(10, one->opaque, {}, wire::flag_response));
  CHECK(first.get().code == 10);
  CHECK(second.get().code == 20);
  CHECK(node.network.counters().unknown_responses == 1);
}

TEST_CASE("a pushed request ends as gone when its client leaves, or has left") {
  Answer leaving, left, never;
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  const SessionId id = node.sink.opened(1).at(0);
  auto& sessions = node.network.sessions();
  sessions.request(id, request(221), {}, 60'000, leaving.completion());
  REQUIRE(client.receive());
  client.reset();
  CHECK(leaving.get().end == PushEnd::gone);
  sessions.request(id, request(221), {}, 60'000, left.completion());
  CHECK(left.get().end == PushEnd::gone);
  sessions.request(SessionId{0}, request(221), {}, 60'000, never.completion());
  CHECK(never.get().end == PushEnd::gone);
}

TEST_CASE("a notification is one way") {
  Node node(GENERATE(1u, 2u));
  Client client(node.port());
  node.network.sessions().notify(node.sink.opened(1).at(0), request(40), bytes_of("changed"));
  const auto got = client.receive();
  REQUIRE(got);
  CHECK(got->code == 40);
  CHECK(got->flag == wire::flag_oneway);
  CHECK(got->body == "changed");
}

TEST_CASE("a push to a client whose output is full is refused") {
  Answer answer;
  DoorOptions limits;
  limits.write_queue_bytes_max = 1'000;
  Node node(GENERATE(1u, 2u), limits);
  Client slow(node.port(), 8 * 1024);
  const SessionId id = node.sink.opened(1).at(0);
  REQUIRE(slow.send_frame(large, 1, "15000000"));
  REQUIRE(node.sink.requests(1));
  node.network.sessions().request(id, request(221), {}, 1'000, answer.completion());
  CHECK(answer.get().end == PushEnd::refused);
  CHECK(node.network.counters().refused_pushes == 1);
}
