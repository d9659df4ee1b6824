// Handlers that serve requests badly: what their caller is answered, and what the operator is told.
#include <catch2/catch.hpp>

#include "faulty_node.hpp"
#include "integration/pipeline.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

struct Served {
  const char* plugin;
  int32_t code = 0;
  const char* remark = "";
  const char* says = "";  // while it runs
  const char* told = "";  // at stop
};

const Served served[] = {
    {.plugin = "sound"},
    {.plugin = "exports_more"},
    {.plugin = "unique_symbol", .code = 1},  // the count it keeps
    {.plugin = "thread_local_state"},
    {.plugin = "undeclared_service"},  // this host has every service
    {.plugin = "no_answer", .code = 1, .remark = "the request was not answered",
     .says = "faulty returned OK without an answer to a request"},
    {.plugin = "throws", .code = 1,
     .remark = "faulty failed with status -7: it threw: nobody catches this"},
    {.plugin = "slow", .says = "faulty: a call of gantry.request_handler/0 took "},
    {.plugin = "retains_bodies",
     .told = "1 references to buffers were never given back; taken less given: faulty 1"},
    {.plugin = "completes_twice",
     .told = "faulty: 1 completions of its start, quiesce or drain came late or twice"},
    {.plugin = "completes_late",
     .told = "faulty: 1 completions of its start, quiesce or drain came late or twice"},
    {.plugin = "refuses_to_stop", .told = "drain failed with status -7: no reason given"},
    {.plugin = "waits_for_itself",
     .told = "faulty: 1 completions are still outstanding after 300 ms; it is not freed"},
};

}  // namespace

TEST_CASE("a handler's fault is answered or told, others are served and the node stops well") {
  for (const Served& one : served) {
    FaultyNode node;
    node.start({.plugin = one.plugin, .plugin_keys = "end_ms_max = 300\n", .has_door = true});
    REQUIRE(node.is_ready());
    // Too large to be handed over without the buffer it was read into.
    const gantry::client::Reply answered = node.ask({}, std::string(100'000, 'b'));
    INFO(one.plugin << ":\n" << node.said());
    CHECK(answered.code == one.code);
    CHECK_THAT(answered.remark, Contains(one.remark));
    CHECK(node.says(one.says));
    check_others_go_on(node);
    const NodeProcess::End end = node.stop();
    INFO(node.said());
    CHECK(end.code == 0);
    CHECK_THAT(node.said(), Contains(one.told));
    if (!*one.told) {
      CHECK_THAT(node.said(), !Contains("never given back"));
      CHECK_THAT(node.said(), !Contains("late or twice"));
    }
  }
}

TEST_CASE("requests that are kept and forgotten are counted at stop") {
  FaultyNode node;
  node.start({.plugin = "leaves_open", .has_door = true});
  REQUIRE(node.is_ready());
  {
    Pipeline client(node.address("faulty"));
    client.send(faulty_code, {});
    client.send(faulty_code + 1, {});
    REQUIRE(client.receive().has_value());  // of the second: the first is kept
    check_others_go_on(node);
    node.terminate();
    CHECK(node.says("faulty never answered 1 requests that it kept"));
  }
  CHECK(node.end().code == 0);
}

TEST_CASE("two instances that share their state both answer: a token is of the node") {
  FaultyNode node;
  Shape shape = faulty_shape({.plugin = "shared_state", .has_door = true});
  shape.doors.push_back({"second", "second"});
  shape.plugins += "[plugins.second]\nmodule = \"faulty\"\n";
  node.start(shape);
  REQUIRE(node.is_ready());
  CHECK(node.ask().code == 0);
  CHECK(node.ask({}, {}, "second").code == 0);
  CHECK(node.stop().code == 0);
}
