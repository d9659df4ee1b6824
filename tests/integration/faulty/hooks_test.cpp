// Put hooks, filters and functions that fail, throw or dawdle: what senders and consumers are answered,
// and when the module is not asked any more.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <vector>

#include "faulty_node.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

std::string deed(const std::string& what) { return "DEED\x01" + what + "\x02"; }

constexpr const char* threw =
    "put hook faulty failed with status -7: it threw: nobody catches this";
constexpr const char* failed = "put hook faulty failed with status -7: it could not";
constexpr const char* pauses = "put hook faulty pauses: it failed too often";

// A hook that trips after two faults, for longer than any case lasts unless it says otherwise.
FaultySetup hook(const std::string& on_fault, int pause_ms = 60'000) {
  return {.plugin = "erratic_hook",
          .keys = fmt::format("on_hook_fault = \"{}\"\nfaults_max = 2\npause_ms = {}\n", on_fault,
                              pause_ms)};
}

// A function, and the filter whose expressions call it.
Shape function_shape(const char* plugin) {
  Shape shape = faulty_shape({.plugin = plugin});
  shape.load.push_back("filter_sql92");
  return shape;
}

void check_refused(const gantry::client::Reply& reply, const char* remark) {
  CHECK(reply.code == 1);
  CHECK(reply.remark == remark);
}

}  // namespace

TEST_CASE("closed: a failing hook refuses its puts, also while it pauses; other puts go on") {
  FaultyNode node;
  node.start(hook("closed"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    check_refused(client.send("T", deed("throw")), threw);
    check_refused(client.send("T", deed("fail")), failed);
    REQUIRE(node.says("faulty: gantry.put_hook/0 is not called for 60000 ms: it could not"));
    check_refused(client.send("T", deed("none")), pauses);
  }
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}

TEST_CASE("open: puts go on without the hook, whether it fails or pauses") {
  FaultyNode node;
  node.start(hook("open"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    for (const char* what : {"throw", "fail", "none"}) CHECK(client.send("T", deed(what)).code == 0);
  }
  CHECK(node.says("is not called for 60000 ms"));
  CHECK(node.stop().code == 0);
}

TEST_CASE("bypass: puts are refused until the hook pauses, then they go on without it") {
  FaultyNode node;
  node.start(hook("bypass"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    check_refused(client.send("T", deed("throw")), threw);
    check_refused(client.send("T", deed("fail")), failed);
    CHECK(client.send("T", deed("throw")).code == 0);
  }
  CHECK(node.stop().code == 0);
}

TEST_CASE("fail_node: a hook that fails too often ends the node") {
  FaultyNode node;
  node.start(hook("fail_node"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    check_refused(client.send("T", deed("throw")), threw);
    check_refused(client.send("T", deed("throw")), threw);
  }
  const NodeProcess::End end = node.end();
  INFO(node.said());
  CHECK(end.code == 1);
  CHECK_THAT(node.said(), Contains("failure: stopping"));
}

TEST_CASE("a hook is tried again after its pause, which doubles while it fails and ends when it works") {
  FaultyNode node;
  node.start(hook("closed", 1));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    while (node.said().find("is not called for 4 ms") == std::string::npos) {
      client.send("T", deed("throw"));
      static_cast<void>(node.heard());
    }
    while (client.send("T", deed("none")).code != 0) {
    }
    CHECK(node.says("faulty: gantry.put_hook/0 works again"));
    CHECK(client.send("T", deed("none")).code == 0);
  }
  CHECK_THAT(node.said(), Contains("is not called for 2 ms"));
  CHECK(node.stop().code == 0);
}

TEST_CASE("a hook that dawdles is counted and logged, and trips by call_limit_us") {
  FaultyNode node;
  node.start(hook("closed"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    CHECK(client.send("T", deed("dawdle")).code == 0);
    CHECK(node.says("faulty: a call of gantry.put_hook/0 took "));
    CHECK(client.send("T", deed("dawdle")).code == 0);
    CHECK(node.says("the limit is 20000 us"));
    check_refused(client.send("T", deed("none")), pauses);
  }
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}

TEST_CASE("a pull whose filter can't judge a message is told which and why, so is the operator") {
  struct Erratic {
    const char* expression;
    const char* says;
  };
  for (const Erratic& one : {Erratic{"error", "its verdict is an error"},
                             Erratic{"fail", "it could not"},
                             Erratic{"throw", "nobody catches this"}}) {
    INFO(one.expression);
    FaultyNode node;
    node.start({.plugin = "erratic_filter", .keys = "faults_max = 2\npause_ms = 60000\n"});
    REQUIRE(node.is_ready());
    {
      Messaging client(node);
      REQUIRE(client.send("T").code == 0);
      CHECK(client.pull("T", "ERRATIC", "none").code == 0);
      const auto reply = client.pull("T", "ERRATIC", one.expression);
      CHECK(reply.code == 1);
      CHECK_THAT(reply.remark,
                 Contains("the filter cannot judge the message at offset 0: ") && Contains(one.says));
    }
    CHECK(node.says(one.says));
    check_others_go_on(node);
    CHECK(node.stop().code == 0);
  }
}

TEST_CASE("a verdict behind those that were asked for is seen by nobody") {
  FaultyNode node;
  Shape shape = faulty_shape({.plugin = "too_many_verdicts"});
  std::erase(shape.load, "filter_tag");
  node.start(shape);
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    REQUIRE(client.send("T").code == 0);
    CHECK(client.pull("T", "TAG", "red").code == 0);
  }
  CHECK(node.stop().code == 0);
}

TEST_CASE("a function that counts is taken at its word") {
  FaultyNode node;
  node.start(function_shape("impure_function"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    REQUIRE(client.send("T").code == 0);
    CHECK(client.pull("T", "SQL92", "ticket() > 0").code == 0);
  }
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}

TEST_CASE("a pull whose function gives what is no value is told so, and by which") {
  FaultyNode node;
  node.start(function_shape("value_of_no_kind"));
  REQUIRE(node.is_ready());
  {
    Messaging client(node);
    REQUIRE(client.send("T").code == 0);
    const auto reply = client.pull("T", "SQL92", "words() = 1");
    CHECK(reply.code == 1);
    CHECK_THAT(reply.remark,
               Contains("the filter cannot judge the message at offset 0: ") &&
                   Contains("the function words gave a value of the unknown kind 5"));
  }
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}
