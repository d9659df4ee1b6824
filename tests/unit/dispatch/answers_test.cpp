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
