// Codes 223, 307, 309: what is asked of a connected consumer, passed on and back.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void join(Rig& rig, const std::string& client, gantry_session session, int32_t version = 513) {
  fake::Request beat;
  beat.code = 34;
  beat.body = heartbeat({.client = client});
  beat.session = session;
  beat.version = version;
  REQUIRE(rig.host.request("broker", beat).code == 0);
}

// The pushes that wait for an answer, by their index.
std::vector<size_t> questions(const Rig& rig, int32_t code) {
  std::vector<size_t> found;
  for (size_t i = 0; i < rig.host.pushes().size(); ++i) {
    if (rig.host.pushes()[i].request.code == code) found.push_back(i);
  }
  return found;
}

fake::Fields of(const std::string& client, Overrides more = {}) {
  fake::Fields fields = {{"consumerGroup", "G"}, {"clientId", client}, {"jstackEnable", "false"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace

TEST_CASE("a consumer's running state goes from it to the operator as it is") {
  Rig rig;
  join(rig, "a", 1);
  join(rig, "b", 2);
  const auto asked = rig.send(307, of("b"), {}, 9);
  const auto pushed = questions(rig, 307);
  REQUIRE(pushed.size() == 1);
  const fake::Push& push = rig.host.pushes()[pushed[0]];
  CHECK(push.session == 2);
  CHECK_FALSE(push.one_way);
  CHECK(push.request.fields == of("b"));
  CHECK_FALSE(asked->answer);
  rig.host.answer_push(pushed[0], {.code = 0, .body = R"({"mqTable":{{"queueId":0}:{}}})"});
  rig.host.run_until_idle();
  REQUIRE(asked->answer);
  CHECK(asked->answer->code == code::success);
  CHECK(asked->answer->body == R"({"mqTable":{{"queueId":0}:{}}})");
}

TEST_CASE("who is not there, too old, or silent is said so") {
  Rig rig;
  join(rig, "old", 1, 61);
  join(rig, "silent", 2);
  const auto nobody = rig.ask(307, of("nobody"), {}, 9);
  CHECK(nobody.code == code::system_error);
  CHECK(nobody.remark == "The Consumer <G> <nobody> not online");
  CHECK_THAT(rig.ask(307, of("old"), {}, 9).remark, Catch::Contains("too low to finish"));
  CHECK_THAT(rig.ask(307, {}, {}, 9).remark, Catch::Contains("consumerGroup"));
  const auto late = rig.send(307, of("silent"), {}, 9);
  rig.host.advance_ms(10'001);
  REQUIRE(late->answer);
  CHECK(late->answer->code == code::consume_msg_timeout);
  CHECK_THAT(late->answer->remark, Catch::StartsWith("consumer <G> <silent> Timeout"));
}

TEST_CASE("one message is consumed by the member that was chosen") {
  Rig rig;
  const auto sent = rig.ask(310, send_v2("T"), "body");
  const std::string id = *sent.field("msgId");
  join(rig, "a", 1);
  const auto asked = rig.send(309, of("a", {{"msgId", id}, {"brokerName", "told"}}), {}, 9);
  rig.host.run_until_idle();
  const auto pushed = questions(rig, 309);
  REQUIRE(pushed.size() == 1);
  const fake::Request& request = rig.host.pushes()[pushed[0]].request;
  CHECK_THAT(request.body, Catch::Contains("body"));
  const auto field = [&](const std::string& name) {
    for (const auto& [key, value] : request.fields) {
      if (key == name) return value;
    }
    return std::string("none");
  };
  CHECK(field("brokerName") == "broker-a");
  CHECK(field("topicSysFlag") == "0");
  CHECK(field("groupSysFlag") == "0");
  CHECK(field("msgId") == id);
  rig.host.answer_push(pushed[0], {.code = 0, .body = R"({"consumeResult":"CR_SUCCESS"})"});
  rig.host.run_until_idle();
  REQUIRE(asked->answer);
  CHECK(asked->answer->body == R"({"consumeResult":"CR_SUCCESS"})");

  const auto bad = rig.ask(309, of("a", {{"msgId", "x"}}), {}, 9);
  CHECK(bad.code == code::system_error);
  CHECK_THAT(bad.remark, Catch::StartsWith("msgId: "));
  const auto missing = rig.ask(309, of("a", {{"msgId", id.substr(0, 30) + "FF"}}), {}, 9);
  CHECK_THAT(missing.remark, Catch::Contains("no message at offset"));
  CHECK(rig.ask(309, of("nobody", {{"msgId", id}}), {}, 9).remark ==
        "The Consumer <G> <nobody> not online");
}

TEST_CASE("members' places are collected from those that answer") {
  Rig rig;
  CHECK(rig.ask(223, {{"topic", "T"}, {"group", "G"}}, {}, 9).remark ==
        "No Any Consumer online in the consumer group: [G]");
  join(rig, "a", 1);
  join(rig, "b", 2);
  join(rig, "c", 3);
  const auto asked = rig.send(223, {{"topic", "T"}, {"group", "G"}}, {}, 9);
  const auto pushed = questions(rig, 221);
  REQUIRE(pushed.size() == 3);
  rig.host.answer_push(pushed[0],
                       {.code = 0,
                        .body = R"({"consumerTable":{},"messageQueueTable":)"
                                R"({{"brokerName":"broker-a","queueId":0,"topic":"T"}:5}})"});
  rig.host.answer_push(pushed[1], {.code = 0, .body = "nonsense"});
  rig.host.advance_ms(5'001);
  REQUIRE(asked->answer);
  CHECK(asked->answer->code == code::success);
  CHECK(asked->answer->body ==
        R"({"consumerTable":{"a":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:5}},)"
        R"("messageQueueTable":{}})");
  const auto one = rig.send(223, {{"topic", "T"}, {"group", "G"}, {"clientAddr", "b"}}, {}, 9);
  CHECK(questions(rig, 221).size() == 4);
  rig.host.advance_ms(5'001);
  CHECK(rig.ask(223, {{"topic", "T"}, {"group", "G"}, {"clientAddr", "z"}}, {}, 9).body ==
        R"({"consumerTable":{},"messageQueueTable":{}})");
}
