// Requests, sessions and time in the fake host, beyond what the contract's cases cover.
#include <catch2/catch.hpp>

#include "scripted.hpp"

using namespace gantry::sdk;
using namespace gantry::sdk::testing;
using Catch::Contains;

namespace {

struct Fixture {
  Fixture() {
    host.load(scripted_plugin, "handler");
    host.start();
  }
  Script& script() { return scripts["handler"]; }
  const gantry_requests& requests(const Scripted& module) {
    return module.service<gantry_requests>(GANTRY_HOST_REQUESTS);
  }
  Scripts scripts;
  fake::Host host;
};

}  // namespace

TEST_CASE("an exception in a handler is answered, not thrown at the client's shard") {
  Fixture f;
  f.script().handle = [](auto&&...) -> gantry_status { throw std::runtime_error("broken"); };
  const fake::Answer answer = f.host.request("handler", {.code = 1});
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark == "broken");
}

TEST_CASE("a fallback is asked only where no other instance of the door serves the code") {
  Scripts scripts;
  const auto answers = [](const char* who) {
    return [who](Scripted& module, const gantry_call&, const gantry_request&, gantry_token token,
                 uint32_t) {
      gantry_response response{};
      response.struct_size = sizeof response;
      response.remark = str(who);
      return module.service<gantry_requests>(GANTRY_HOST_REQUESTS)
          .respond(module.raw(), token, &response);
    };
  };
  scripts["fallback"].handle = answers("fallback");
  scripts["handler"].handle = answers("handler");
  fake::Host host;
  host.load(scripted_plugin, "fallback");
  host.load(scripted_plugin, "handler");
  host.door("both", {"fallback", "handler"});
  host.door("alone", {"fallback"});
  host.start();
  REQUIRE(host.request("both", {.code = 1}).remark == "handler");
  REQUIRE(host.request("alone", {.code = 1}).remark == "fallback");
  REQUIRE(host.request("alone", {.code = 2}).code == 3);
}

TEST_CASE("a request that is never answered fails the test that asks") {
  Fixture f;
  f.script().handle = [](auto&&...) { return GANTRY_PENDING; };
  REQUIRE_THROWS_WITH(f.host.request("handler", {.code = 2}), "code 2 at handler is not answered");
  REQUIRE_THROWS_AS(f.host.request("nowhere", {.code = 2}), std::logic_error);
}

TEST_CASE("a one-way request is handled and its answer discarded") {
  Fixture f;
  uint32_t flags = 0;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request& request,
                          gantry_token token, uint32_t) {
    flags = request.flags;
    return module.respond(token);
  };
  const auto sent = f.host.send("handler", {.code = 1, .one_way = true});
  REQUIRE(flags == GANTRY_REQUEST_ONE_WAY);
  REQUIRE_FALSE(sent->answer.has_value());
}

TEST_CASE("a session that ends drops its parked requests and tells the handler once") {
  Fixture f;
  std::vector<gantry_session> closed;
  gantry_token token = 0;
  f.script().session_closed = [&](gantry_session session) { closed.push_back(session); };
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token of, uint32_t) {
    token = of;
    f.requests(module).park(module.raw(), of, 1000);
    return GANTRY_PENDING;
  };
  const auto first = f.host.send("handler", {.code = 1, .session = 5});
  const auto second = f.host.send("handler", {.code = 2, .session = 5});
  f.host.close_session(5);
  REQUIRE(first->dropped);
  REQUIRE(second->dropped);
  REQUIRE(closed == std::vector<gantry_session>{5});
  f.host.advance_ms(5000);
  REQUIRE_FALSE(first->answer.has_value());
}

TEST_CASE("parked requests are handed back before their module drains") {
  Fixture f;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token token, uint32_t why) -> gantry_status {
    if (why == GANTRY_TIMED_OUT) return module.respond(token, 19);
    f.requests(module).park(module.raw(), token, 60'000);
    return GANTRY_PENDING;
  };
  const auto held = f.host.send("handler", {.code = 1});
  REQUIRE_FALSE(held->answer.has_value());
  f.host.stop();
  REQUIRE(held->answer.has_value());
  REQUIRE(held->answer->code == 19);
}

TEST_CASE("what is never answered is refused when its module has stopped") {
  Fixture f;
  f.script().handle = [](auto&&...) { return GANTRY_PENDING; };
  const auto forgotten = f.host.send("handler", {.code = 1});
  f.host.stop();
  REQUIRE(forgotten->answer.has_value());
  REQUIRE(forgotten->answer->code == 2);
}

TEST_CASE("an answer waits for the marks a test holds") {
  Fixture f;
  f.host.log().hold_marks();
  const int32_t late[GANTRY_MARK_COUNT] = {0, 0, 10, 12, 0, 0};
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token token, uint32_t) {
    gantry_response response{};
    response.struct_size = sizeof response;
    const uint32_t marks = 1u << GANTRY_MARK_DURABLE | 1u << GANTRY_MARK_REPLICATED;
    return f.requests(module).respond_after(module.raw(), token, &response, 1, marks, 3000, late,
                                            GANTRY_MARK_COUNT);
  };
  f.host.log().append_visible({.topic = "t"});
  REQUIRE(f.host.request("handler", {.code = 1}).code == 0);
  f.host.log().truncate(0);
  const auto waits = f.host.send("handler", {.code = 1});
  f.host.advance_ms(2999);
  REQUIRE_FALSE(waits->answer.has_value());
  f.host.advance_ms(1);
  REQUIRE(waits->answer->code == 10);

  const auto fails = f.host.send("handler", {.code = 1});
  f.host.log().fail("the disk is gone");
  f.host.run_until_idle();
  REQUIRE(fails->answer->code == 1);
  REQUIRE(fails->answer->remark == "the disk is gone");
}

TEST_CASE("pushes to a session are recorded and answered by the test") {
  Fixture f;
  fake::Completion done;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request& request,
                          gantry_token token, uint32_t) {
    const auto& sessions = module.service<gantry_sessions>(GANTRY_HOST_SESSIONS);
    gantry_request push{};
    push.struct_size = sizeof push;
    push.code = 40;
    sessions.notify(module.raw(), request.session, &push);
    push.code = 39;
    sessions.request(module.raw(), request.session, &push, 1000, done.get());
    REQUIRE(sessions.notify(module.raw(), 99, &push) == GANTRY_GONE);
    return module.respond(token);
  };
  f.host.request("handler", {.code = 1, .session = 6});
  REQUIRE(f.host.pushes().size() == 2);
  REQUIRE(f.host.pushes()[0].one_way);
  REQUIRE(f.host.pushes()[1].request.code == 39);
  REQUIRE(f.host.pushes()[1].session == 6);
  f.host.answer_push(1, {.code = 0});
  REQUIRE(done.status() == GANTRY_OK);
  REQUIRE_THROWS_AS(f.host.answer_push(1, {}), std::logic_error);
}

TEST_CASE("a push nobody answers is busy after its time limit") {
  Fixture f;
  fake::Completion done;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request& request,
                          gantry_token token, uint32_t) {
    gantry_request push{};
    push.struct_size = sizeof push;
    module.service<gantry_sessions>(GANTRY_HOST_SESSIONS)
        .request(module.raw(), request.session, &push, 1000, done.get());
    return module.respond(token);
  };
  f.host.request("handler", {.code = 1});
  f.host.advance_ms(1000);
  REQUIRE(done.status() == GANTRY_BUSY);
}

TEST_CASE("sessions belong to shards, and calls say which") {
  Scripts scripts;
  fake::Host host({.shard_count = 2});
  host.load(scripted_plugin, "handler");
  host.start();
  std::vector<uint32_t> shards;
  scripts["handler"].handle = [&](Scripted& module, const gantry_call& call, const gantry_request&,
                                  gantry_token token, uint32_t) {
    shards.push_back(call.shard);
    return module.respond(token);
  };
  host.request("handler", {.code = 1, .session = 4});
  host.request("handler", {.code = 1, .session = 5});
  REQUIRE(shards == std::vector<uint32_t>{0, 1});
}

TEST_CASE("the clock jumps, or goes from timer to timer") {
  Fixture f;
  int ticks = 0;
  std::vector<int64_t> at;
  const auto tick = [](void* context, const gantry_call*) { ++*static_cast<int*>(context); };
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token token, uint32_t) {
    module.service<gantry_timer>(GANTRY_HOST_TIMER)
        .every(module.raw(), 0, 100, tick, &ticks, nullptr);
    return module.respond(token);
  };
  f.host.request("handler", {.code = 1});
  f.host.advance_ms(1000);
  REQUIRE(ticks == 10);
  f.host.clock().advance_ms(1000);
  REQUIRE(ticks == 10);
  f.host.run_until_idle();
  REQUIRE(ticks == 11);  // a late tick is not made up for
}

TEST_CASE("a job that posts itself for ever is an error, not a hang") {
  Fixture f;
  struct Forever {
    const gantry_timer* timer;
    const gantry_host* host;
    bool stopping = false;
    static void run(void* context, const gantry_call*, gantry_status status, const void*) {
      auto& self = *static_cast<Forever*>(context);
      if (status == GANTRY_OK && !self.stopping) self.timer->post(self.host, 0, {&run, &self});
    }
  } forever;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token token, uint32_t) {
    forever.timer = &module.service<gantry_timer>(GANTRY_HOST_TIMER);
    forever.host = module.raw();
    forever.timer->post(module.raw(), 0, {&Forever::run, &forever});
    return module.respond(token);
  };
  REQUIRE_THROWS_WITH(f.host.request("handler", {.code = 1}), Contains("does not become idle"));
  forever.stopping = true;
}

TEST_CASE("a cause of a breach is named: keeping off the shard") {
  Fixture f;
  f.script().handle = [&](Scripted& module, const gantry_call&, const gantry_request&,
                          gantry_token token, uint32_t) {
    f.host.on_worker([&](const gantry_call&) { f.requests(module).park(module.raw(), token, 10); });
    return module.respond(token);
  };
  f.host.request("handler", {.code = 1});
  REQUIRE(f.host.take_breaches() ==
          std::vector<std::string>{"handler called requests.park from a worker"});
}
