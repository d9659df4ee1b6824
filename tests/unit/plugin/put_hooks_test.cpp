// The chain of put hooks: who runs, in what order, and what a hook's answer does to the put.
#include "hook_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

HookScript refusing(std::string text, int32_t wire_code) {
  HookScript script;
  script.before = [=](const gantry_call&, const gantry_put&, sdk::PutEdit&) -> gantry_status {
    throw sdk::Refusal(GANTRY_REFUSED, text, wire_code);
  };
  return script;
}

}  // namespace

TEST_CASE("without a put hook there is no chain") {
  HookNode node;
  REQUIRE(node.start({"plain"}).has_value());
  CHECK(node.hooks.chain() == nullptr);
  CHECK(node.append(Records("T").put) == GANTRY_OK);
}

TEST_CASE("hooks run in configuration order, but behind those that `after` names") {
  HookNode node;
  REQUIRE(node.start({"one = behind_late", "b = every", "late = every", "a = every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(hook_journal == Texts{"b before", "late before", "one before", "a before", "b appended",
                              "late appended", "one appended", "a appended"});
}

TEST_CASE("hooks that run behind one another in a circle fail the start by name") {
  HookNode node;
  const Outcome<void> started = node.start({"early = behind_late", "late = behind_early"});
  REQUIRE(started.has_error());
  CHECK(started.error().text ==
        "put hooks run behind one another in a circle: early and late");
}

TEST_CASE("more hooks than a set has room for fail the start") {
  HookNode node;
  Texts instances;
  for (int i = 0; i < 65; ++i) instances.push_back("hook" + std::to_string(i) + " = every");
  const Outcome<void> started = node.start(instances);
  REQUIRE(started.has_error());
  CHECK(started.error().text == "gantry.put_hook/0: 65 are offered, at most 64");
}

TEST_CASE("the last of 64 hooks runs") {
  HookNode node;
  Texts instances;
  for (int i = 0; i < 64; ++i) instances.push_back("hook" + std::to_string(i) + " = every");
  REQUIRE(node.start(instances).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(hook_journal.size() == 128);
  CHECK(hook_journal[63] == "hook63 before");
}

TEST_CASE("a hook runs when a record of the put carries one of its names") {
  HookNode node;
  REQUIRE(node.start({"delay", "half", "every"}).has_value());
  REQUIRE(node.append(Records("T", {"A\x01x\x02", "PGROUP\x01g\x02"}).put) == GANTRY_OK);
  CHECK(hook_journal ==
        Texts{"delay before", "every before", "delay appended", "every appended"});
  hook_journal.clear();
  REQUIRE(node.append(Records("T", {"A\x01x\x02"}).put) == GANTRY_OK);
  CHECK(hook_journal == Texts{"every before", "every appended"});
}

TEST_CASE("a put that says so is not shown to hooks") {
  HookNode node;
  REQUIRE(node.start({"every"}).has_value());
  Records records("T");
  records.put.flags = GANTRY_PUT_NO_HOOKS;
  REQUIRE(node.append(records.put) == GANTRY_OK);
  CHECK(hook_journal.empty());
}

TEST_CASE("a hook gets the appender's call, and its calls are counted") {
  HookNode node;
  TestCall call;
  const gantry_arena* arena = nullptr;
  hook_scripts["every"].before = [&](const gantry_call& got, const gantry_put&, sdk::PutEdit&) {
    CHECK(got.shard == 3);
    CHECK(got.now_ms == 1'234);
    CHECK(got.now_ns == 5'678);
    arena = got.arena;
    return GANTRY_OK;
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(Records("T").put, &call.call) == GANTRY_OK);
  CHECK(arena == call.call.arena);
  CHECK(node.calls("every", every_offer) == 2);  // before and appended
}

TEST_CASE("an append without a call gives hooks one of its own") {
  HookNode node;
  hook_scripts["every"].before = [&](const gantry_call& got, const gantry_put&, sdk::PutEdit&) {
    CHECK(got.shard == GANTRY_NO_SHARD);
    CHECK(got.now_ms == node.clock.now_ms());
    CHECK(got.arena != nullptr);
    CHECK(got.error != nullptr);
    return GANTRY_OK;
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(hook_journal.size() == 2);
}

TEST_CASE("a refusal reaches the appender with its sentence and code, and nothing is stored") {
  HookNode node;
  TestCall call;
  hook_scripts["no"] = refusing("not on a Sunday", 0);
  hook_scripts["late"].before = nullptr;
  REQUIRE(node.start({"first = every", "no = every", "late = every"}).has_value());
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_REFUSED);
  CHECK(call.error.code == GANTRY_REFUSED);
  CHECK(call.error.wire_code == 1);
  CHECK(std::string(call.error.text) == "not on a Sunday");
  CHECK(hook_journal == Texts{"first before", "no before"});  // and nobody's `appended`
  CHECK(node.stored().empty());
  hook_scripts["no"] = refusing("slower", 2);
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_REFUSED);
  CHECK(call.error.wire_code == 2);
}

TEST_CASE("a hook's error is its fault: the put is refused in its name") {
  HookNode node;
  TestCall call;
  hook_scripts["bad"].before = [](const gantry_call&, const gantry_put&,
                                  sdk::PutEdit&) -> gantry_status {
    throw std::runtime_error("a table is missing");
  };
  REQUIRE(node.start({"bad = every"}).has_value());
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_REFUSED);
  CHECK(call.error.wire_code == 1);
  CHECK(std::string(call.error.text) ==
        "put hook bad failed with status -7: a table is missing");
  hook_scripts["bad"].before = [](const gantry_call&, const gantry_put&,
                                  sdk::PutEdit&) -> gantry_status { return GANTRY_PENDING; };
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_REFUSED);
  CHECK(std::string(call.error.text) == "put hook bad failed with status 1: no reason given");
  CHECK(node.stored().empty());
  CHECK(node.append(Records("T").put) == GANTRY_REFUSED);  // nowhere to say why
}

TEST_CASE("a put is refused when a hook it concerns is not running") {
  HookNode node;
  TestCall call;
  REQUIRE(node.start({"delay"}).has_value());
  node.host.stop();
  CHECK(node.append(Records("T", {"DELAY\x01x\x02"}).put, &call.call) == GANTRY_REFUSED);
  CHECK(std::string(call.error.text) == "put hook delay is not running");
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_OK);
}

namespace {

// A hook that fails, its edit of the topic half made; `asked` counts.
HookScript failing(int& asked) {
  HookScript script;
  script.before = [&asked](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    ++asked;
    edit.redirect("elsewhere", 0);
    return GANTRY_FAULT;
  };
  return script;
}

constexpr int32_t stored = GANTRY_OK;
constexpr int32_t refused = GANTRY_REFUSED;

}  // namespace

TEST_CASE("on_hook_fault = open: a put goes on as if the hook that failed had not been there") {
  HookNode node;
  int asked = 0;
  hook_scripts["bad"] = failing(asked);
  REQUIRE(node.start({"bad = every; on_hook_fault = \"open\"; faults_max = 2"}).has_value());
  for (int i = 0; i < 4; ++i) CHECK(node.append(Records("T").put) == stored);
  CHECK(asked == 2);  // then it pauses
  CHECK(node.stored().size() == 4);
  CHECK(node.stored().front().starts_with("T/"));  // what it edited is gone
  CHECK(std::count(hook_journal.begin(), hook_journal.end(), "bad appended") == 0);
}

TEST_CASE("on_hook_fault = closed: puts are refused, at once while the hook pauses") {
  HookNode node;
  TestCall call;
  int asked = 0;
  hook_scripts["bad"] = failing(asked);
  REQUIRE(node.start({"bad = every; faults_max = 2; pause_ms = 500"}).has_value());
  for (int i = 0; i < 4; ++i) CHECK(node.append(Records("T").put, &call.call) == refused);
  CHECK(asked == 2);
  CHECK(std::string(call.error.text) == "put hook bad pauses: it failed too often");
  CHECK(node.stored().empty());

  node.clock.advance_ms(500);  // one call is let in to see
  for (int i = 0; i < 3; ++i) CHECK(node.append(Records("T").put) == refused);
  CHECK(asked == 3);
  node.clock.advance_ms(500);  // the second pause is twice as long
  CHECK(node.append(Records("T").put) == refused);
  CHECK(asked == 3);
  node.clock.advance_ms(500);
  hook_scripts["bad"].before = nullptr;
  for (int i = 0; i < 3; ++i) CHECK(node.append(Records("T").put) == stored);
}

TEST_CASE("on_hook_fault = bypass: puts are refused until the hook pauses, then go on without it") {
  HookNode node;
  int asked = 0;
  hook_scripts["bad"] = failing(asked);
  REQUIRE(node.start({"bad = every; on_hook_fault = \"bypass\"; faults_max = 2"}).has_value());
  CHECK(node.append(Records("T").put) == refused);
  CHECK(node.append(Records("T").put) == refused);
  CHECK(node.append(Records("T").put) == stored);
  CHECK(asked == 2);
}

TEST_CASE("on_hook_fault = fail_node: the node ends with the hook's name and reason") {
  HookNode node;
  int asked = 0;
  hook_scripts["bad"] = failing(asked);
  REQUIRE(node.start({"bad = every; on_hook_fault = \"fail_node\"; faults_max = 2"}).has_value());
  CHECK(node.append(Records("T").put) == refused);
  CHECK(node.node_failed.empty());
  CHECK(node.append(Records("T").put) == refused);
  CHECK(node.node_failed == "bad: gantry.put_hook/0 is not called for 1000 ms: status -7");
}

TEST_CASE("a hook that refuses has not failed, however often") {
  HookNode node;
  hook_scripts["no"] = refusing("not on a Sunday", 0);
  REQUIRE(node.start({"no = every; faults_max = 1; on_hook_fault = \"open\""}).has_value());
  for (int i = 0; i < 5; ++i) CHECK(node.append(Records("T").put) == refused);
}

TEST_CASE("what the log would not take is not shown to hooks") {
  HookNode node;
  TestCall call;
  REQUIRE(node.start({"every"}).has_value());
  const std::string topic(256, 't');
  CHECK(node.append(Records(topic).put, &call.call) == GANTRY_INVALID);
  CHECK(call.error.wire_code == 13);
  CHECK(std::string(call.error.text) == "topic: 256 bytes, at most 255");
  Records none("T");
  none.put.count = 0;
  CHECK(node.append(none.put, &call.call) == GANTRY_INVALID);
  CHECK(std::string(call.error.text) == "records: none");
  CHECK(hook_journal.empty());
}

TEST_CASE("a zero byte in a property text is refused by place, whoever looked at the text") {
  HookNode node;
  TestCall call;
  std::string bad = "A\x01" + std::string(60, 'x') + "\x02";
  bad[40] = '\0';
  const std::string good = "A\x01" + std::string(60, 'x') + "\x02";
  SECTION("no chain") { REQUIRE(node.start({"plain"}).has_value()); }
  SECTION("a hook of every put") { REQUIRE(node.start({"every"}).has_value()); }
  SECTION("a hook that isn't concerned") { REQUIRE(node.start({"delay"}).has_value()); }
  SECTION("a hook that is") {
    REQUIRE(node.start({"delay"}).has_value());
    bad += "DELAY\x01x\x02";
  }
  CHECK(node.append(Records("T", {good, bad}).put, &call.call) == GANTRY_INVALID);
  CHECK(std::string(call.error.text) == "properties: a zero byte at 40");
  CHECK(node.append(Records("T", {good, good}).put, &call.call) == GANTRY_OK);
  CHECK(node.stored().size() == 2);
}

TEST_CASE("`appended` gets the put as stored and what came of it") {
  HookNode node;
  hook_scripts["every"].before = [](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.redirect("ELSEWHERE", 2);
    return GANTRY_OK;
  };
  int64_t end = 0;
  hook_scripts["every"].appended = [&](const gantry_call&, const gantry_put& put,
                                       const gantry_put_result& result) {
    CHECK(sdk::view(sdk::record(put, 0).topic) == "ELSEWHERE");
    CHECK(result.count == 1);
    end = result.log_end;
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(end == node.result.log_end);
  CHECK(end > 0);
}

TEST_CASE("a hook may append something of its own without hooks") {
  HookNode node;
  hook_scripts["every"].before = [&](const gantry_call& call, const gantry_put&, sdk::PutEdit&) {
    Records own("OWN");
    own.put.flags = GANTRY_PUT_NO_HOOKS;
    gantry_put_result result{};
    result.struct_size = sizeof result;
    return plugin::commitlog_service().append(hook_host, &call, &own.put, &result);
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(node.stored() == Texts{"OWN/0  body", "T/0  body"});
}

TEST_CASE("hooks that append for ever are stopped with a sentence, before and behind the append") {
  HookNode node;
  TestCall call;
  const auto again = [](const gantry_call& given) {
    Records own("T");
    gantry_put_result result{};
    result.struct_size = sizeof result;
    return plugin::commitlog_service().append(hook_host, &given, &own.put, &result);
  };
  SECTION("before") {
    hook_scripts["every"].before = [&](const gantry_call& given, const gantry_put&,
                                       sdk::PutEdit&) { return again(given); };
    REQUIRE(node.start({"every"}).has_value());
    CHECK(node.append(Records("T").put, &call.call) == GANTRY_REFUSED);
    CHECK(std::string(call.error.text) ==
          "put hooks append from within put hooks, 8 deep: a put of a hook's own carries "
          "GANTRY_PUT_NO_HOOKS");
    CHECK(hook_journal.size() == plugin::PutRun::depth_max);
    CHECK(node.stored().empty());
  }
  SECTION("appended") {
    std::string last;
    hook_scripts["every"].appended = [&](const gantry_call& given, const gantry_put&,
                                         const gantry_put_result&) {
      if (again(given) != GANTRY_OK && last.empty()) last = given.error->text;
    };
    REQUIRE(node.start({"every"}).has_value());
    CHECK(node.append(Records("T").put, &call.call) == GANTRY_OK);
    CHECK(last.find("8 deep") != std::string::npos);
    CHECK(node.stored().size() == plugin::PutRun::depth_max);
  }
  // The thread is out of all hooks again.
  hook_scripts["every"] = {};
  hook_journal.clear();
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_OK);
}
