#include <future>

#include "bench_node.hpp"

using namespace gantry;
using namespace gantry::testing;
using namespace gantry::dispatch;

namespace {

constexpr uint32_t visible = 1u << mark_visible;

// A node whose code 10 answers, with a body, once `marks` have reached 100.
void serve_after(BenchNode& node, uint32_t marks) {
  node.serve(10, [&node, marks](Call&, const Request&, Token token, Why) {
    static const int32_t late[mark_count] = {0, 0, 10, 12, 0, 0};
    const Field field{std::string_view("queueOffset"), std::string_view("5")};
    const Status status = node.requests->respond_after(token, {0, Text(), {&field, 1}, {}},
                                                       {100, marks, 3000, late});
    CHECK(status == Status::ok);
    return Status::pending;
  });
}

}  // namespace

TEST_CASE("an answer whose marks have passed goes at once") {
  BenchNode node;
  serve_after(node, visible);
  node.marks.marks[mark_visible] = 100;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  CHECK(session.answer().code == 0);
}

TEST_CASE("an answer waits for its marks and goes when they pass") {
  BenchNode node;
  serve_after(node, visible);
  node.marks.marks[mark_visible] = 99;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10, 42);
  node.on_shard(0, [&] { node.requests->release(0); });
  CHECK(session.answered() == 0);
  node.marks.marks[mark_visible] = 100;
  node.requests->release_all();
  const Answer answer = session.answer();
  CHECK(answer.code == 0);
  CHECK(answer.opaque == 42);
  CHECK(answer.fields.at("queueOffset") == "5");
  CHECK(node.requests->counters().open == 0);
}

TEST_CASE("marks that pass between the look at them and the wait release the answer") {
  BenchNode node;
  serve_after(node, visible);
  node.start();
  FakeSession& session = node.session();
  node.marks.behind_the_look = [&] {
    node.marks.marks[mark_visible] = 100;
    node.requests->release_all();
  };
  node.ask(session, 10);
  CHECK(session.answer().code == 0);
}

TEST_CASE("a log that fails between the look at it and the wait fails the answer") {
  BenchNode node;
  serve_after(node, visible);
  node.start();
  FakeSession& session = node.session();
  node.marks.behind_the_look = [&] {
    node.marks.fail("the disk is gone");
    node.requests->release_all();
  };
  node.ask(session, 10);
  const Answer answer = session.answer();
  CHECK(answer.code == 1);
  CHECK(answer.remark == "the disk is gone");
}

TEST_CASE("answers to later parts of the log wait longer") {
  BenchNode node;
  node.serve(10, [&](Call&, const Request& request, Token token, Why) {
    node.requests->respond_after(token, {0, Text(), {}, {}}, {request.opaque, visible, 3000, {}});
    return Status::pending;
  });
  node.start();
  FakeSession& session = node.session();
  for (const int end : {100, 200, 300}) node.ask(session, 10, end);
  node.marks.marks[mark_visible] = 250;
  node.requests->release_all();
  CHECK(session.answer(2).opaque == 200);
  node.on_shard(0, [] {});
  CHECK(session.answered() == 2);
}

TEST_CASE("when time is up the lowest mark still missing picks the code, the fields stay") {
  BenchNode node;
  serve_after(node, visible);
  node.marks.marks[mark_written] = 100;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.advance_ms(2999);
  CHECK(session.answered() == 0);
  node.advance_ms(2);
  const Answer answer = session.answer();
  CHECK(answer.code == 10);
  CHECK(answer.fields.at("queueOffset") == "5");
}

TEST_CASE("a late answer that has all but its replicas says so") {
  BenchNode node;
  serve_after(node, visible | 1u << mark_replicated);
  for (const uint32_t mark : {mark_written, mark_durable, mark_visible}) {
    node.marks.marks[mark] = 100;
  }
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.advance_ms(3001);
  CHECK(session.answer().code == 12);
}

TEST_CASE("a late answer that lacks the disk and the replicas speaks of the disk") {
  BenchNode node;
  serve_after(node, visible | 1u << mark_replicated);
  node.marks.marks[mark_written] = 100;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.advance_ms(3001);
  CHECK(session.answer().code == 10);
}

TEST_CASE("an answer goes when the mark it lacks rises, VISIBLE or not") {
  const uint32_t mark = GENERATE(mark_durable, mark_replicated, mark_stable);
  BenchNode node;
  serve_after(node, visible | 1u << mark);
  node.marks.marks[mark_visible] = 100;
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.on_shard(0, [&] { node.requests->release(0); });
  CHECK(session.answered() == 0);
  node.marks.raise(mark, 100);
  CHECK(session.answer().code == 0);
}

TEST_CASE("the shard that drains looks at its answers once, the others once each") {
  BenchNode node(2);
  serve_after(node, visible);
  node.start();
  FakeSession& here = node.session(0);
  FakeSession& there = node.session(1);
  node.ask(here, 10);
  node.ask(there, 10);
  node.marks.marks[mark_visible] = 99;  // nobody's answer goes: both go on waiting
  const int before = node.marks.looks();
  std::promise<void> told;
  node.runtime.shard(1).post(runtime::Task([heard = told.get_future().share()] { heard.wait(); }));
  node.on_shard(0, [&] {
    node.requests->release(0);
    node.requests->release_all(0);
    node.requests->release_all(0);  // told again before it has looked
  });
  told.set_value();
  for (const uint32_t shard : {0u, 1u}) finish_turn(node.runtime.shard(shard));
  const int looks = node.marks.looks() - before;
  CHECK(looks == 2);
}

TEST_CASE("answers for what a cut took are failed, now and later, whatever the marks do next") {
  BenchNode node;
  std::vector<Token> tokens;
  node.serve(10, [&](Call&, const Request& request, Token token, Why) {
    tokens.push_back(token);
    if (request.opaque == 0) return Status::pending;  // has appended, asks later
    node.requests->respond_after(token, {0, Text(), {}, {}}, {request.opaque, visible, 3000, {}});
    return Status::pending;
  });
  node.start();
  FakeSession& session = node.session();
  for (const int end : {100, 200, 0}) node.ask(session, 10, end);
  node.requests->cut(100);
  CHECK(session.answer(1).opaque == 200);
  CHECK(session.answer(1).code == 1);
  CHECK(session.answer(1).remark == "the log was cut below the record");
  node.marks.marks[mark_visible] = 300;  // another's bytes
  node.requests->respond_after(tokens[2], {0, Text(), {}, {}}, {200, visible, 3000, {}});
  CHECK(session.answer(2).opaque == 0);
  CHECK(session.answer(2).code == 1);
  node.requests->release_all();
  CHECK(session.answer(3).opaque == 100);
  CHECK(session.answer(3).code == 0);
  // The same slot serves the next request, which knows of no cut.
  node.ask(session, 10, 200);
  CHECK(session.answer(4).code == 0);
}

TEST_CASE("a mark without a late code is answered 1 when it is late") {
  BenchNode node;
  serve_after(node, 1u << mark_stable);
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.advance_ms(3001);
  CHECK(session.answer().code == 1);
}

TEST_CASE("a failed log is never answered with success") {
  BenchNode node;
  serve_after(node, visible);
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.marks.fail("the disk is gone");
  node.requests->release_all();
  CHECK(session.answer(1).code == 1);
  CHECK(session.answer(1).remark == "the disk is gone");
  node.ask(session, 10);
  CHECK(session.answer(2).code == 1);
}

TEST_CASE("a session that ends while its answer waits is forgotten") {
  BenchNode node;
  serve_after(node, visible);
  node.start();
  FakeSession& session = node.session();
  node.ask(session, 10);
  node.close(session);
  CHECK(node.requests->counters().open == 0);
  node.marks.marks[mark_visible] = 100;
  node.requests->release_all();
  node.on_shard(0, [] {});
  CHECK(session.answered() == 0);
}

TEST_CASE("respond_after from another thread waits on the request's shard") {
  BenchNode node(2);
  Token token;
  node.serve(10, [&](Call&, const Request&, Token at, Why) {
    token = at;
    return Status::pending;
  });
  node.start();
  FakeSession& session = node.session(1);
  node.ask(session, 10);
  CHECK(node.requests->respond_after(token, {0, Text("done"), {}, {}},
                                     {100, visible, 3000, {}}) == Status::ok);
  node.on_shard(1, [] {});
  CHECK(session.answered() == 0);
  node.marks.marks[mark_visible] = 100;
  node.requests->release_all();
  CHECK(session.answer().remark == "done");
}
