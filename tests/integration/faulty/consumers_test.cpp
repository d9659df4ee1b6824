// Log consumers that can't take a record: what `on_fault` says becomes of them and of the node.
#include <catch2/catch.hpp>

#include "faulty_node.hpp"
#include "node/verify/verify.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

void start_and_poison(FaultyNode& node, const char* plugin, const std::string& on_fault) {
  node.start({.plugin = plugin, .keys = "on_fault = \"" + on_fault + "\"\n"});
  REQUIRE(node.is_ready());
  Messaging client(node);
  CHECK(client.send("poison").code == 0);
}

}  // namespace

TEST_CASE("pause: a consumer that fails three times stands still, and the node goes on") {
  struct Fails {
    const char* plugin;
    std::string says;
  };
  for (const Fails& one : {Fails{"fails_to_consume", "status -3: poison"},
                           Fails{"consumes_too_much",
                                 "status -7: it counts 2 records consumed of 1"}}) {
    INFO(one.plugin);
    FaultyNode node;
    start_and_poison(node, one.plugin, "pause");
    CHECK(node.says("faulty cannot consume the log at 0: " + one.says + "; attempt 2 of 3"));
    CHECK(node.says(one.says + "; it is paused until the next start, the node goes on"));
    check_others_go_on(node);
    CHECK(node.stop().code == 0);
  }
}

TEST_CASE("skip: the record is passed over, with a line, and the consumer goes on") {
  FaultyNode node;
  start_and_poison(node, "fails_to_consume", "skip");
  CHECK(node.says("cannot consume the log at 0: status -3: poison; this record is passed over"));
  {
    Messaging client(node);
    CHECK(client.send("others").code == 0);  // it takes this one, and stands before the next
    CHECK(client.send("poison").code == 0);
  }
  CHECK(node.says("; attempt 1 of 3"));
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
  INFO(node.said());
  CHECK_THAT(node.said(), !Contains("paused"));
}

TEST_CASE("fail_node: the node ends with the consumer's reason") {
  FaultyNode node;
  start_and_poison(node, "fails_to_consume", "fail_node");
  const NodeProcess::End end = node.end();
  INFO(node.said());
  CHECK(end.code == 1);
  CHECK_THAT(node.said(), Contains("faulty cannot consume the log at 0: status -3: poison\n"));
  CHECK_THAT(node.said(), Contains("failure: stopping"));
}

TEST_CASE("codes that depend on more than the record are found by gantry verify") {
  FaultyNode node;
  for (int life = 0; life < 2; ++life) {  // its count begins anew
    node.start({.plugin = "impure_code"});
    REQUIRE(node.is_ready());
    CHECK(Messaging(node).send("TopicA").code == 0);
    CHECK(node.stop().code == 0);
  }
  std::string said;
  const auto verdict = gantry::node::verify(
      {.folder = node.data_dir(), .configuration = node.configuration_file()},
      [&](const std::string& line) { said += line + '\n'; });
  INFO(said);
  CHECK(verdict == gantry::node::Verdict::findings);
  CHECK_THAT(said, Contains("of TopicA/0 tells of log offset"));
}
