// Peers: other nodes, dialled by address. The node of a test is dialled by itself where any node
// would do; a Listener stands for one that misbehaves.
#include <fmt/format.h>

#include <future>

#include "net/address.hpp"
#include "net_support.hpp"

using namespace gantry;
using namespace gantry::net;
using namespace gantry::net::testing;
using Catch::Contains;

namespace {

// Waits for the end of one request.
class Answer {
 public:
  struct Result {
    PushEnd end;
    int32_t code;
    std::string body;
    std::string reason;
  };
  PushCompletion completion() {
    return {[](void* context, const PushResult& result) {
              static_cast<Answer*>(context)->promise_.set_value(
                  {result.end, result.header ? result.header->code : -1,
                   {result.body.begin(), result.body.end()}, std::string(result.reason)});
            },
            this};
  }
  const Result& get() {
    REQUIRE(future_.wait_for(std::chrono::milliseconds(deadline_ms)) == std::future_status::ready);
    return future_.get();
  }
  bool ready() { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::promise<Result> promise_;
  std::shared_future<Result> future_ = promise_.get_future().share();
};

wire::Header header(int32_t code) {
  wire::Header header;
  header.code = code;
  return header;
}

std::vector<Slice> body(std::string_view text) {
  BufferRef copy = copy_to_buffer({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  const Bytes bytes(copy->data(), copy->size());
  return {{bytes, std::move(copy)}};
}

void ask(Node& node, const std::string& address, Answer& answer, int32_t code = echo,
         std::string_view text = "", uint64_t timeout_ms = 5'000) {
  REQUIRE(node.network.peers().request(address, header(code), body(text), timeout_ms,
                                       answer.completion()));
}

// Moves the clock; every timer that is due by then has run when it returns.
void advance(Node& node, int64_t ms) {
  node.settle();
  node.clock.advance_ms(ms);
  node.runtime.poke();
  const auto now_ms = static_cast<int64_t>(node.clock.now_ns() / 1'000'000);
  for (uint32_t i = 0; i < node.runtime.shard_count(); ++i) {
    std::promise<void> fired;
    const auto done = [](void* context, runtime::TimerEnd) {
      static_cast<std::promise<void>*>(context)->set_value();
    };
    REQUIRE(node.runtime.shard(i).arm({now_ms}, {done, &fired}) != Token());
    fired.get_future().wait();
  }
  node.settle();  // jobs of a turn come before its timers, so these come after them
}

std::string loopback(const Node& node) { return fmt::format("127.0.0.1:{}", node.port()); }

// A port of this machine that nobody listens on.
uint16_t free_port() { return Listener().port(); }

}  // namespace

TEST_CASE("a peer is connected when it is first asked, and every request shares the connection") {
  Answer first, second, third;
  Node node(GENERATE(1u, 2u));
  ask(node, loopback(node), first, echo, "one");
  CHECK(first.get().end == PushEnd::answered);
  CHECK(first.get().body == "one");
  ask(node, loopback(node), second, echo, "two");
  ask(node, loopback(node), third, large, "300000");
  CHECK(second.get().body == "two");
  CHECK(third.get().body.size() == 300'000);
  CHECK(node.network.counters().connected == 1);
  CHECK(node.network.counters().accepted == 1);
}

TEST_CASE("a peer is found by an IPv6 address and by name") {
  DoorOptions door;
  door.address = GENERATE("[::1]:0", "127.0.0.1:0");
  Answer answer;
  Node node(1, door);
  const bool v6 = std::string_view(door.address).starts_with('[');
  ask(node, fmt::format("{}:{}", v6 ? "[::1]" : "localhost", node.port()), answer, echo, "hello");
  CHECK(answer.get().body == "hello");
}

TEST_CASE("a name nobody has fails what was asked of it, with the name and the reason") {
  Answer answer;
  Node node(1);
  ask(node, "no-such-host.invalid:9876", answer);
  CHECK(answer.get().end == PushEnd::gone);
  CHECK_THAT(answer.get().reason, Contains("no connection to no-such-host.invalid:9876: "));
}

TEST_CASE("a text that is no address is refused at once") {
  Node node(1);
  for (const char* text : {"", "host", "host:", ":9876", "::1:9876", "[::1]", "host:70000",
                           "host:0", "http://host:80", "a b:1"}) {
    INFO(text);
    CHECK_FALSE(node.network.peers().request(text, header(1), {}, 1, {}));
  }
  CHECK(parse_host_port("[2001:db8::1]:9876")->host == "2001:db8::1");
}

TEST_CASE("a peer that is not there is gone, and is tried again when its back-off is over") {
  Answer first, second, third;
  Node node(GENERATE(1u, 2u));
  const uint16_t port = free_port();
  const std::string address = fmt::format("127.0.0.1:{}", port);
  ask(node, address, first);
  CHECK(first.get().end == PushEnd::gone);
  CHECK(first.get().reason == "no connection to " + address + ": Connection refused");
  ask(node, address, second);
  node.settle();
  CHECK_FALSE(second.ready());  // waits for the next attempt
  Listener listener(port);
  advance(node, 100);
  Client peer = listener.accept();
  const auto got = peer.receive();
  REQUIRE(got);
  REQUIRE(peer.send_frame(7, got->opaque, {}, wire::flag_response));
  CHECK(second.get().code == 7);
}

TEST_CASE("each failure in a row doubles the back-off, up to its limit") {
  PeerOptions options;
  options.reconnect_ms_min = 100;
  options.reconnect_ms_max = 400;
  Answer first;
  Node node(1, {}, options);
  const std::string address = fmt::format("127.0.0.1:{}", free_port());
  ask(node, address, first, echo, "", 60'000);
  CHECK(first.get().end == PushEnd::gone);
  for (const int64_t wait_ms : {100, 200, 400, 400}) {
    Answer next;
    ask(node, address, next, echo, "", 60'000);
    advance(node, wait_ms - 1);
    CHECK_FALSE(next.ready());
    advance(node, 1);
    CHECK(next.get().end == PushEnd::gone);
  }
}

TEST_CASE("a request that waits for a connection keeps its own time limit") {
  Answer first, second;
  Node node(1);
  const std::string address = fmt::format("127.0.0.1:{}", free_port());
  ask(node, address, first);
  CHECK(first.get().end == PushEnd::gone);
  ask(node, address, second, echo, "", 50);  // the back-off is 100 ms
  advance(node, 50);
  CHECK(second.get().end == PushEnd::gone);
  CHECK(second.get().reason ==
        "no connection to " + address + " in time: Connection refused");
}

TEST_CASE("an attempt that gets no answer is given up after the connect time limit") {
  Answer answer;
  Node node(1);
  Listener listener;                // its queue takes one connection that nobody accepts
  Client fills(listener.port());
  REQUIRE(fills.connected());
  ask(node, listener.address(), answer, echo, "", 60'000);
  advance(node, 2'999);
  CHECK_FALSE(answer.ready());
  advance(node, 1);
  CHECK(answer.get().end == PushEnd::gone);
  CHECK_THAT(answer.get().reason, Contains("not connected within 3000 ms"));
}

TEST_CASE("a peer that does not answer in time costs its request only") {
  Answer late, after;
  Node node(GENERATE(1u, 2u));
  ask(node, loopback(node), late, silent, "", 1'000);
  REQUIRE(node.sink.requests(1));
  advance(node, 1'001);
  CHECK(late.get().end == PushEnd::timed_out);
  ask(node, loopback(node), after, echo, "still there");
  CHECK(after.get().body == "still there");
  CHECK(node.network.counters().connected == 1);
}

TEST_CASE("what was asked fails with the reason when the connection is lost; the next use dials") {
  Answer first, second, next;
  Node node(GENERATE(1u, 2u));
  Listener listener;
  ask(node, listener.address(), first, 1, "", 60'000);
  ask(node, listener.address(), second, 2, "", 60'000);
  {
    Client peer = listener.accept();
    REQUIRE(peer.receive());
    REQUIRE(peer.receive());
    advance(node, 1'000);  // long enough for a good connection
  }
  CHECK(first.get().end == PushEnd::gone);
  CHECK(first.get().reason == listener.address() + ": closed by the other end");
  CHECK(second.get().end == PushEnd::gone);
  ask(node, listener.address(), next, 3);
  Client again = listener.accept();
  const auto got = again.receive();
  REQUIRE(got);
  CHECK(got->code == 3);
  REQUIRE(again.send_frame(0, got->opaque, "well", wire::flag_response));
  CHECK(next.get().body == "well");
}

TEST_CASE("a peer that hangs up at once is not dialled in a loop") {
  Answer first, second;
  Node node(1);
  Listener listener;
  ask(node, listener.address(), first, 1, "", 60'000);
  Client once = listener.accept();
  REQUIRE(once.receive());
  once.reset();
  CHECK(first.get().end == PushEnd::gone);
  ask(node, listener.address(), second, 2, "", 60'000);
  advance(node, 99);
  CHECK(node.network.counters().connected == 1);
  advance(node, 1);
  Client again = listener.accept();
  REQUIRE(again.receive());
  CHECK(node.network.counters().connected == 2);
}

TEST_CASE("a notification to a peer is one way and in order with requests") {
  Answer answer;
  Node node(GENERATE(1u, 2u));
  Listener listener;
  auto& peers = node.network.peers();
  REQUIRE(peers.notify(listener.address(), header(40), body("first")));
  ask(node, listener.address(), answer, 41);
  Client peer = listener.accept();
  const auto told = peer.receive(), asked = peer.receive();
  REQUIRE((told && asked));
  CHECK(told->code == 40);
  CHECK(told->flag == wire::flag_oneway);
  CHECK(told->body == "first");
  CHECK(asked->code == 41);
}

TEST_CASE("a peer that sends requests is answered that they are not served") {
  Node node(1);
  Listener listener;
  REQUIRE(node.network.peers().notify(listener.address(), header(1), {}));
  Client peer = listener.accept();
  REQUIRE(peer.receive());
  REQUIRE(peer.send_frame(905, 77, "?", wire::flag_oneway));
  REQUIRE(peer.send_frame(310, 78, "?"));
  const auto got = peer.receive();
  REQUIRE(got);
  CHECK(got->code == 3);
  CHECK(got->opaque == 78);
  CHECK(node.sink.opened(0).empty());
}

TEST_CASE("what waits for a peer is bounded") {
  PeerOptions options;
  options.write_queue_bytes_max = 10'000;
  Answer waits, refused;
  Node node(1, {}, options);
  Listener listener;
  Client fills(listener.port());
  ask(node, listener.address(), waits, echo, std::string(6'000, 'x'), 60'000);
  ask(node, listener.address(), refused, echo, std::string(6'000, 'x'), 60'000);
  CHECK(refused.get().end == PushEnd::refused);
  CHECK_FALSE(waits.ready());
}

TEST_CASE("so is the number of addresses: those not in use make room") {
  PeerOptions options;
  options.addresses_max = 1;
  Answer gone, held, refused;
  Node node(1, {}, options);
  ask(node, fmt::format("127.0.0.1:{}", free_port()), gone);
  CHECK(gone.get().end == PushEnd::gone);
  advance(node, 60'000);  // its timers have come back
  ask(node, loopback(node), held, echo, "in use");
  CHECK(held.get().body == "in use");
  ask(node, "127.0.0.1:9", refused);
  CHECK(refused.get().end == PushEnd::refused);
}

TEST_CASE("a stop fails what is outstanding with its reason, and what comes after") {
  Answer open, waits, after;
  Node node(GENERATE(1u, 2u));
  Listener full;
  Client fills(full.port());
  ask(node, loopback(node), open, silent, "", 60'000);
  REQUIRE(node.sink.requests(1));
  ask(node, full.address(), waits, echo, "", 60'000);
  node.settle();
  node.network.shutdown(std::chrono::milliseconds(0));
  CHECK(open.get().end == PushEnd::gone);
  CHECK(open.get().reason == loopback(node) + ": the node is stopping");
  CHECK(waits.get().end == PushEnd::gone);
  CHECK_THAT(waits.get().reason, Contains("the node is stopping"));
  ask(node, loopback(node), after);
  CHECK(after.get().end == PushEnd::gone);
  CHECK(node.network.counters().open() == 0);
}
