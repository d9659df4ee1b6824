// Codes 324 and 325: a reply finds the producer that waits for it.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

const std::string reply_topic = "DefaultCluster_REPLY_TOPIC";

std::string reply_to(const std::string& client) {
  return properties({{"REPLY_TO_CLIENT", client}, {"CORRELATION_ID", "7"}, {"MSG_TYPE", "reply"}});
}

std::string field(const fake::Request& request, const std::string& name) {
  for (const auto& [key, value] : request.fields) {
    if (key == name) return value;
  }
  return "none";
}

}  // namespace

TEST_CASE("a reply is pushed to the client that waits for it, answered then, and kept in the log") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "asker"}), 5);
  const size_t before = rig.host.pushes().size();
  const bool v2 = GENERATE(true, false);
  const auto sent =
      v2 ? rig.send(325, send_v2(reply_topic, {{"i", reply_to("asker")}}), "pong", 6)
         : rig.send(324, send_v1(reply_topic, {{"properties", reply_to("asker")}}), "pong", 6);
  REQUIRE(rig.host.pushes().size() == before + 1);
  const fake::Push& push = rig.host.pushes()[before];
  CHECK(push.session == 5);
  CHECK_FALSE(push.one_way);
  CHECK(push.request.code == 326);
  CHECK(push.request.body == "pong");
  CHECK(field(push.request, "topic") == reply_topic);
  CHECK(field(push.request, "bornHost") == "127.0.0.1:50000");
  CHECK(field(push.request, "storeHost") == "127.0.0.1:10911");
  CHECK(field(push.request, "storeTimestamp") == std::to_string(rig.host.clock().now_ms()));
  CHECK_THAT(field(push.request, "properties"),
             Catch::StartsWith(reply_to("asker")) && Catch::Contains("PUSH_REPLY_TIME"));
  CHECK_FALSE(sent->answer);
  rig.host.answer_push(before, {.code = 0});
  rig.host.run_until_idle();
  REQUIRE(sent->answer);
  CHECK(sent->answer->code == code::success);
  CHECK(sent->answer->field("queueOffset") == "0");
  CHECK(sent->answer->field("MSG_REGION") == "DefaultRegion");
  CHECK(sent->answer->field("msgId")->size() == 32);
  const auto kept = rig.ask(11, pull(reply_topic, 0, 0));
  CHECK(kept.code == code::success);
  CHECK_THAT(kept.body, Catch::Contains("pong"));
}

TEST_CASE("a reply that cannot be delivered is answered 1 with the reason") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "asker"}), 5);
  const auto refused = [&](Overrides overrides, int32_t code, const std::string& remark,
                           const std::string& topic = reply_topic) {
    const auto answer = rig.ask(325, send_v2(topic, std::move(overrides)), "pong", 6);
    CHECK(answer.code == code);
    CHECK_THAT(answer.remark, Catch::Contains(remark));
    CHECK(answer.field("MSG_REGION") == "DefaultRegion");
  };
  refused({{"i", reply_to("nobody")}}, 1,
          "push reply message fail, channel of <nobody> not found.");
  refused({}, 1, "reply message properties[REPLY_TO_CLIENT] is null");
  refused({{"i", reply_to("asker")}}, 17, "topic[Nothing] not exist", "Nothing");
  refused({{"i", reply_to("asker")}, {"e", "9"}}, 29, "queueId[9] is illegal");
  refused({{"b", absent}}, 1, "b");
  CHECK(rig.ask(325, send_v2(reply_topic, {{"i", reply_to("asker")}}), "", 6).code ==
        code::message_illegal);
  const size_t before = rig.host.pushes().size();
  const auto unwanted =
      rig.send(325, send_v2(reply_topic, {{"i", reply_to("asker")}, {"e", "-1"}}), "pong", 6);
  rig.host.answer_push(before, {.code = 1, .remark = "no such request"});
  rig.host.run_until_idle();
  REQUIRE(unwanted->answer);
  CHECK(unwanted->answer->remark == "push reply message to askerfail.");  // Java's words
  const auto silent = rig.send(325, send_v2(reply_topic, {{"i", reply_to("asker")}}), "pong", 6);
  rig.host.advance_ms(10'001);
  REQUIRE(silent->answer);
  CHECK(silent->answer->code == code::system_error);
}

TEST_CASE("what a group that consumes in order sends to its retry topic is a dead letter") {
  Rig rig;
  rig.ask(34, {}, heartbeat({}), 5);
  const auto retry = [&] {
    REQUIRE(rig.ask(310, send_v2("%RETRY%G", {{"j", "1"}}), "x").code == 0);
    return rig.log.next_number("%DLQ%G", 0);
  };
  CHECK(retry() == 0);
  rig.ask(41, {},
          R"({"clientId":"a","consumerGroup":"G","mqSet":[)"
          R"({"brokerName":"broker-a","queueId":0,"topic":"T"}]})");
  CHECK(retry() == 1);
  rig.host.advance_ms(60'001);
  CHECK(retry() == 1);
}
