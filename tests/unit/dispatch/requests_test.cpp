#include "bench_node.hpp"

using namespace gantry;
using namespace gantry::testing;

TEST_CASE("an answer goes out under the request's opaque, with fields and body") {
  BenchNode node;
  node.serve(10, [&](Call&, const Request& request, Token token, Why) {
    const Field field{std::string_view("got"), request.fields[0].value};
    Slice body{request.body, {}};
    return node.requests->respond(token, {5, Text(), {&field, 1}, {&body, 1}});
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10, 99);
  const Answer answer = session.answer();
  CHECK(answer.code == 5);
  CHECK(answer.opaque == 99);
  CHECK(answer.fields.at("got") == "T");
  CHECK(answer.body == "body");
  CHECK(node.requests->counters().open == 0);
}

TEST_CASE("a code nobody serves is answered 3") {
  BenchNode node;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 4711);
  CHECK(session.answer().code == 3);
  CHECK(session.answer().remark == " request type 4711 not supported");
}

TEST_CASE("a one-way request is served and never answered") {
  BenchNode node;
  int served = 0;
  node.serve(10, [&](Call&, const Request& request, Token token, Why) {
    CHECK(request.one_way);
    ++served;
    return answer_ok(*node.requests, token);
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10, 1, wire::flag_oneway);
  CHECK(served == 1);
  CHECK(session.answered() == 0);
}

TEST_CASE("a failed handler is answered with its wire code and text, or with 1") {
  BenchNode node;
  node.serve(10, [](Call& call, const Request&, Token, Why) {
    call.error.set(Status::refused, "topic T is not allowed", 16);
    return Status::refused;
  });
  node.serve(11, [](Call& call, const Request&, Token, Why) {
    call.error.set(Status::fault, "broken");
    return Status::fault;
  });
  node.serve(12, [](Call&, const Request&, Token, Why) { return Status::ok; });
  node.start();
  FakeSession& session = node.session();
  for (const int code : {10, 11, 12}) node.ask(session, code);
  CHECK(session.answer(1).code == 16);
  CHECK(session.answer(1).remark == "topic T is not allowed");
  CHECK(session.answer(2).code == 1);
  CHECK(session.answer(2).remark == "handler failed with status -7: broken");
  CHECK(session.answer(3).code == 1);
  CHECK(session.answer(3).remark == "the request was not answered");
  CHECK(node.requests->counters().faults == 2);
}

TEST_CASE("a second answer finds nothing and is counted") {
  BenchNode node;
  node.serve(10, [&](Call&, const Request&, Token token, Why) {
    CHECK(answer_ok(*node.requests, token) == Status::ok);
    CHECK(answer_ok(*node.requests, token) == Status::gone);
    return Status::ok;
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  CHECK(session.answered() == 1);
  CHECK(node.requests->counters().stale_tokens == 1);
}

TEST_CASE("a kept request stays readable until it is answered from another thread") {
  BenchNode node(2);
  dispatch::KeptRequest* kept = nullptr;
  Token token;
  node.serve(10, [&](Call&, const Request&, Token at, Why) {
    token = at;
    CHECK(node.requests->keep(at, &kept) == Status::ok);
    return Status::pending;
  });
  node.start();
  FakeSession& session = node.session(1);
  node.ask(session, 10, 3, 0, std::string(100, 'x'));
  CHECK(session.answered() == 0);
  CHECK(kept->request().body.size() == 100);
  CHECK(kept->request().fields[0].value.view() == "T");
  CHECK(answer_ok(*node.requests, token, "later") == Status::ok);
  CHECK(session.answer().remark == "later");
}

TEST_CASE("a parked request runs again when woken, once") {
  BenchNode node;
  std::vector<Why> runs;
  std::vector<std::string> topics;
  Token token;
  node.serve(10, [&](Call&, const Request& request, Token at, Why why) {
    runs.push_back(why);
    topics.emplace_back(request.fields[0].value.view());
    if (why != Why::first) return answer_ok(*node.requests, at);
    token = at;
    return park(*node.requests, at, 1000);
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  CHECK(node.requests->wake(token) == Status::ok);
  CHECK(node.requests->wake(token) == Status::ok);
  session.answer();
  node.advance_ms(5000);
  CHECK(runs == std::vector{Why::first, Why::woken});
  CHECK(topics == std::vector<std::string>{"T", "T"});
}

TEST_CASE("a wake-up between park and the handler's return is not lost") {
  BenchNode node;
  node.serve(10, [&](Call&, const Request&, Token at, Why why) {
    if (why == Why::woken) return answer_ok(*node.requests, at);
    const Status parked = park(*node.requests, at, 1000);
    return node.requests->wake(at) == Status::ok ? parked : Status::fault;
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  CHECK(session.answer().code == 0);
}

TEST_CASE("a parked request runs again when its time is up") {
  BenchNode node;
  node.serve(10, [&](Call&, const Request&, Token at, Why why) {
    if (why == Why::timed_out) return answer_ok(*node.requests, at, "time is up");
    return park(*node.requests, at, 1000);
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.advance_ms(999);
  CHECK(session.answered() == 0);
  node.advance_ms(2);
  CHECK(session.answer().remark == "time is up");
}

TEST_CASE("a session's end drops what it had parked and tells the handlers of its door") {
  BenchNode node;
  std::vector<Why> runs;
  node.serve(10, [&](Call&, const Request&, Token at, Why why) {
    runs.push_back(why);
    return park(*node.requests, at, 1000);
  });
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10, 1);
  node.ask(session, 10, 2);
  CHECK(node.requests->counters().open == 2);
  node.close(session);
  CHECK(node.requests->counters().open == 0);
  CHECK(node.handlers[0]->closed == std::vector{session.id()});
  node.advance_ms(2000);
  CHECK(session.answered() == 0);
  CHECK(runs == std::vector{Why::first, Why::first});
}

TEST_CASE("parked requests are handed back as timed out before the doors close") {
  BenchNode node(2);
  node.serve(10, [&](Call&, const Request&, Token at, Why why) {
    if (why == Why::timed_out) return answer_ok(*node.requests, at);
    return park(*node.requests, at, 60'000);
  });
  node.start();
  FakeSession& one = node.session(0);
  FakeSession& two = node.session(1);
  node.ask(one, 10);
  node.ask(two, 10);
  node.requests->hand_back_parked();
  CHECK(one.answer().code == 0);
  CHECK(two.answer().code == 0);
}

namespace {
struct Called {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  Status status = Status::pending;
  int32_t code = -1;
  std::string body;

  static void completed(void* at, Call&, Status status, const Response* response) {
    auto& self = *static_cast<Called*>(at);
    const std::lock_guard lock(self.mutex);
    self.status = status;
    if (response) {
      self.code = response->code;
      for (const Slice& slice : response->body) {
        self.body.append(reinterpret_cast<const char*>(slice.bytes.data()), slice.bytes.size());
      }
    }
    self.done = true;
    self.changed.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return done; }));
  }
};

Request in_process(int32_t code) {
  Request request;
  request.code = code;
  return request;
}
}  // namespace

TEST_CASE("an in-process request reaches the same handler without a session") {
  BenchNode node;
  bool without_session = false;
  node.serve(10, [&](Call&, const Request& request, Token token, Why) {
    without_session = request.in_process && request.session == SessionId();
    static const uint8_t bytes[] = {'h', 'i'};
    Slice body{bytes, {}};
    return node.requests->respond(token, {0, Text(), {}, {&body, 1}});
  });
  node.start();
  Called called;
  CHECK(node.requests->call("main", in_process(10), 1000, {&Called::completed, &called}) ==
        Status::ok);
  called.wait();
  CHECK(called.status == Status::ok);
  CHECK(called.body == "hi");
  CHECK(without_session);
}

TEST_CASE("an in-process answer completes in a turn of its own, not inside respond") {
  BenchNode node;
  bool inside = false;
  node.serve(10, [&](Call&, const Request&, Token token, Why) {
    inside = true;
    CHECK(answer_ok(*node.requests, token, "served") == Status::ok);
    CHECK(answer_ok(*node.requests, token) == Status::gone);
    inside = false;
    return Status::ok;
  });
  node.start();
  struct Asked : Called {
    const bool* inside;
    bool was_inside = true;
  } asked;
  asked.inside = &inside;
  const dispatch::CallCompletion then{
      [](void* at, Call& call, Status status, const Response* response) {
        auto& self = *static_cast<Asked*>(at);
        self.was_inside = *self.inside;
        Called::completed(static_cast<Called*>(&self), call, status, response);
      },
      &asked};
  node.on_shard(0, [&] {
    CHECK(node.requests->call("main", in_process(10), 1000, then) == Status::ok);
  });
  asked.wait();
  CHECK(asked.code == 0);
  CHECK_FALSE(asked.was_inside);
}

TEST_CASE("an in-process request nobody serves is answered 3, an unknown door is gone") {
  BenchNode node;
  node.start();
  Called called;
  CHECK(node.requests->call("none", in_process(10), 1000, {&Called::completed, &called}) ==
        Status::gone);
  CHECK(node.requests->call("main", in_process(10), 1000, {&Called::completed, &called}) ==
        Status::ok);
  called.wait();
  CHECK(called.code == 3);
}

TEST_CASE("an in-process request that is not answered in time completes as busy") {
  BenchNode node;
  node.serve(10, [](Call&, const Request&, Token, Why) { return Status::pending; });
  node.start();
  Called called;
  node.requests->call("main", in_process(10), 1000, {&Called::completed, &called});
  node.on_shard(0, [] {});
  node.advance_ms(1001);
  called.wait();
  CHECK(called.status == Status::busy);
}
