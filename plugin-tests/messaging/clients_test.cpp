// Codes 34, 35, 38 and the notices 40: who is in a group, and who hears of it.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

std::vector<gantry_session> told(const Rig& rig, size_t from = 0) {
  std::vector<gantry_session> sessions;
  for (size_t i = from; i < rig.host.pushes().size(); ++i) {
    const fake::Push& push = rig.host.pushes()[i];
    CHECK(push.request.code == 40);
    CHECK(push.one_way);
    REQUIRE(push.request.fields.size() == 1);
    CHECK(push.request.fields[0] == std::pair<std::string, std::string>("consumerGroup", "G"));
    sessions.push_back(push.session);
  }
  return sessions;
}

using Sessions = std::vector<gantry_session>;

}  // namespace

TEST_CASE("a heartbeat is answered as both kinds of clients expect") {
  Rig rig;
  const auto answer = rig.ask(34, {}, heartbeat({}));
  CHECK(answer.code == code::success);
  CHECK(answer.field("IS_SUPPORT_HEART_BEAT_V2") == "true");
  CHECK(answer.field("IS_SUB_CHANGE") == "true");
}

TEST_CASE("a heartbeat makes its group and its retry topic, durable first") {
  Rig rig;
  rig.metadata.hold();
  const auto beat = rig.send(34, {}, heartbeat({}));
  const auto same = rig.send(34, {}, heartbeat({.client = "other"}), 2);
  CHECK_FALSE(beat->answer);
  CHECK(rig.metadata.held() == 1);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).code == code::system_error);
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(beat->answer);
  REQUIRE(same->answer);
  CHECK(beat->answer->code == code::success);
  CHECK(rig.metadata.get("groups", "G").has_value());
  CHECK(rig.metadata.get("topics", "%RETRY%G").has_value());
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).body ==
        R"({"consumerIdList":["127.0.0.1@client","other"]})");
}

TEST_CASE("a heartbeat whose group cannot be stored is answered 1, the next one tries again") {
  Rig rig;
  rig.metadata.fail_next_write("disk full");
  CHECK(rig.ask(34, {}, heartbeat({})).code == code::system_error);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).code == code::system_error);
  CHECK(rig.ask(34, {}, heartbeat({})).code == code::success);
}

TEST_CASE("groups that may not be made are left out of a heartbeat") {
  Rig rig({.settings = {{"auto_create_groups", false}}});
  CHECK(rig.ask(34, {}, heartbeat({})).code == code::success);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).code == code::system_error);
  CHECK(rig.metadata.writes() == 0);
}

TEST_CASE("a group named twice, or with no legal name, does no harm") {
  Rig rig;
  std::string twice = heartbeat({});
  const std::string one = twice.substr(twice.find("[{\"consumeFromWhere") + 1);
  const std::string consumer = one.substr(0, one.find("}]") + 2) + ",\"unitMode\":false}";
  twice.insert(twice.find("[{\"consumeFromWhere") + 1, consumer + ",");
  CHECK(rig.ask(34, {}, twice).code == code::success);
  CHECK(rig.ask(34, {}, heartbeat({.group = "bad.group"})).code == code::success);
  CHECK_FALSE(rig.metadata.get("groups", "bad.group").has_value());
}

TEST_CASE("a heartbeat that cannot be read is answered 1") {
  Rig rig;
  CHECK(rig.ask(34, {}, "not json").code == code::system_error);
  CHECK(rig.ask(34, {}, "").code == code::system_error);
  const auto answer = rig.ask(34, {}, heartbeat({.model = "SOMEHOW"}));
  CHECK(answer.code == code::system_error);
  CHECK_THAT(answer.remark, Catch::Contains("SOMEHOW"));
  // The C++ client sends ordinals.
  CHECK(rig.ask(34, {},
                R"({"clientID":"cpp","consumerDataSet":[{"consumeFromWhere":4,"consumeType":1,)"
                R"("groupName":"G","messageModel":1,"subscriptionDataSet":[{"codeSet":[],)"
                R"("subString":"*","subVersion":"7","tagsSet":[],"topic":"T"}]}],)"
                R"("producerDataSet":[]})")
            .code == code::success);
}

TEST_CASE("members hear of those who join, leave and change what they read") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  rig.ask(34, {}, heartbeat({.client = "a"}), 1);
  CHECK(told(rig) == Sessions{1});  // also the one who joined, as with RocketMQ
  rig.ask(34, {}, heartbeat({.client = "a"}), 1);
  CHECK(told(rig).size() == 1);  // nothing changed
  rig.ask(34, {}, heartbeat({.client = "b"}), 2);
  CHECK(told(rig, 1) == Sessions{1, 2});
  rig.ask(34, {}, heartbeat({.client = "b", .topics = {"T", "U"}, .version = 2}), 2);
  CHECK(told(rig, 3) == Sessions{1, 2});
  rig.ask(34, {}, heartbeat({.client = "b", .topics = {"T", "U"}, .version = 3}), 2);
  CHECK(told(rig).size() == 5);  // only a newer version of the same
  rig.host.close_session(1);
  rig.host.run_until_idle();
  CHECK(told(rig, 5) == Sessions{2});
  rig.ask(35, {{"clientID", "b"}, {"consumerGroup", "G"}}, {}, 2);
  CHECK(told(rig).size() == 6);  // nobody is left
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).code == code::system_error);
}

TEST_CASE("broadcasting groups are not told of each other") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "a", .model = "BROADCASTING"}), 1);
  rig.ask(34, {}, heartbeat({.client = "b", .model = "BROADCASTING"}), 2);
  rig.host.close_session(1);
  rig.host.run_until_idle();
  rig.ask(35, {{"clientID", "b"}, {"consumerGroup", "G"}}, {}, 2);
  CHECK(rig.host.pushes().empty());
}

TEST_CASE("a client id with two connections is one member until both are gone") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "a"}), 1);
  rig.ask(34, {}, heartbeat({.client = "a"}), 2);
  const auto list = [&] { return rig.ask(38, {{"consumerGroup", "G"}}, {}, 9); };
  CHECK(list().body == R"({"consumerIdList":["a"]})");
  rig.host.close_session(1);
  rig.host.run_until_idle();
  CHECK(list().body == R"({"consumerIdList":["a"]})");
  rig.host.close_session(2);
  rig.host.run_until_idle();
  CHECK(list().code == code::system_error);
}

TEST_CASE("farewells and questions about nobody have their answers") {
  Rig rig;
  CHECK(rig.ask(35, {{"clientID", "nobody"}, {"consumerGroup", "Nobody"}}).code == code::success);
  CHECK(rig.ask(35, {{"clientID", "nobody"}, {"producerGroup", "PID"}}).code == code::success);
  const auto answer = rig.ask(38, {{"consumerGroup", "Nobody"}});
  CHECK(answer.code == code::system_error);
  CHECK(answer.remark == "no consumer for this group, Nobody");
  CHECK(rig.ask(38, {}).code == code::system_error);
}

TEST_CASE("a connection produces in a thousand groups at most; more in other heartbeats are refused") {
  Rig rig;
  const auto beat = [&](int first, int count) {
    std::string groups;
    for (int i = first; i < first + count; ++i) {
      groups += (groups.empty() ? "" : ",") + (R"({"groupName":"P)" + std::to_string(i) + "\"}");
    }
    return rig.ask(34, {},
                   R"({"clientID":"c","consumerDataSet":[],"heartbeatFingerprint":0,)"
                   R"("producerDataSet":[)" + groups + R"(],"withoutSub":false})");
  };
  CHECK(beat(0, 1000).code == code::success);
  CHECK(beat(0, 1000).code == code::success);  // the same again
  CHECK(beat(1000, 24).code == code::success);
  const auto refused = beat(1024, 1);
  CHECK(refused.code == code::system_error);
  CHECK(refused.remark ==
        "heartbeat: producerDataSet has the group \"P1024\", but one connection produces in 1024 "
        "groups at most");
  CHECK(rig.ask(204, {{"producerGroup", "P1023"}}).code == code::success);
  CHECK(rig.ask(204, {{"producerGroup", "P1024"}}).code == code::system_error);
}

TEST_CASE("a silent client is disconnected after two minutes, a beating one is not") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "silent"}), 1);
  rig.ask(34, {}, heartbeat({.client = "alive"}), 2);
  for (int i = 0; i < 4; ++i) {
    rig.host.advance_ms(30'000);
    rig.ask(34, {}, heartbeat({.client = "alive"}), 2);
  }
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}, {}, 9).body ==
        R"({"consumerIdList":["alive","silent"]})");
  rig.host.advance_ms(10'001);
  CHECK(rig.host.logged("session closed: no heartbeat"));
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}, {}, 9).body == R"({"consumerIdList":["alive"]})");
}

TEST_CASE("nobody is disconnected because somebody sets the clock") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "alive"}), 1);
  rig.host.clock().set_ahead_ms(3'600'000);
  rig.host.advance_ms(20'000);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}, {}, 9).code == code::success);
  rig.ask(34, {}, heartbeat({.client = "alive"}), 1);
  rig.host.clock().set_ahead_ms(0);
  rig.host.advance_ms(140'000);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}, {}, 9).code == code::system_error);
}

TEST_CASE("a connection that changes its client's name leaves nothing of the old one") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "old"}), 1);
  rig.ask(34, {}, heartbeat({.client = "new"}), 1);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}, {}, 9).body == R"({"consumerIdList":["new"]})");
  const auto reply = [&](const std::string& client) {
    const std::string to =
        properties({{"REPLY_TO_CLIENT", client}, {"CORRELATION_ID", "7"}, {"MSG_TYPE", "reply"}});
    const size_t before = rig.host.pushes().size();
    rig.send(325, send_v2("DefaultCluster_REPLY_TOPIC", {{"i", to}}), "pong", 6);
    return rig.host.pushes().size() - before;
  };
  CHECK(reply("old") == 0);
  CHECK(reply("new") == 1);
  rig.host.answer_push(rig.host.pushes().size() - 1, {.code = 0});
}

TEST_CASE("a client with fingerprints is asked for its subscriptions when the broker lacks them") {
  Rig rig;
  const auto beat = [&](int32_t fingerprint, bool without) {
    return rig.ask(34, {}, heartbeat({.fingerprint = fingerprint, .without_sub = without}))
        .field("IS_SUB_CHANGE");
  };
  CHECK(beat(11, true) == "true");    // the broker never heard of them
  CHECK(beat(11, false) == "false");  // now it did
  CHECK(beat(11, true) == "false");
  CHECK(beat(12, true) == "true");
}
