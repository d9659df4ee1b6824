// Codes 203, 204, 208, 300, 328, 343, 345: who is connected, and how far they are.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace protocol = gantry::protocol;

namespace {

void beat(Rig& rig, const Beat& what, gantry_session session) {
  REQUIRE(rig.ask(34, {}, heartbeat(what), session).code == 0);
}

void commit(Rig& rig, const std::string& group, const std::string& topic, int64_t offset) {
  REQUIRE(rig.ask(15, {{"consumerGroup", group},
                       {"topic", topic},
                       {"queueId", "0"},
                       {"commitOffset", std::to_string(offset)}})
              .code == 0);
}

}  // namespace

TEST_CASE("a group's members are listed with what they read") {
  Rig rig;
  beat(rig, {.client = "a", .topics = {"T", "U"}, .version = 7}, 1);
  beat(rig, {.client = "b", .topics = {"T", "U"}, .version = 7}, 2);
  const auto answer = rig.ask(203, {{"consumerGroup", "G"}});
  CHECK(answer.code == code::success);
  const auto body = protocol::read_body<protocol::ConsumerConnection>(answer.body).value();
  REQUIRE(body.connections.size() == 2);
  CHECK(body.connections[0] == protocol::ClientConnection{"a", "127.0.0.1:50000", "JAVA", 513});
  CHECK(body.connections[1].client_id == "b");
  CHECK(body.type == protocol::ConsumeType::passively);
  CHECK(body.model == protocol::MessageModel::clustering);
  REQUIRE(body.subscriptions.size() == 2);
  CHECK(body.subscriptions.at("U").version == 7);
  const auto none = rig.ask(203, {{"consumerGroup", "Nobody"}});
  CHECK(none.code == code::consumer_not_online);
  CHECK(none.remark == "the consumer group[Nobody] not online");
  CHECK(rig.ask(203, {}).code == code::system_error);
}

TEST_CASE("a heartbeat of fastjson's that says things once and refers to them is understood") {
  Rig rig;
  const std::string subscription =
      R"({"classFilterMode":false,"codeSet":[],"expressionType":"TAG","subString":"*",)"
      R"("subVersion":5,"tagsSet":[],"topic":"T"})";
  const auto consumer = [](const std::string& group, const std::string& subscriptions) {
    return R"({"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY",)"
           R"("groupName":")" +
           group + R"(","messageModel":"CLUSTERING","subscriptionDataSet":[)" + subscriptions +
           R"(],"unitMode":false})";
  };
  const std::string body =
      R"({"clientID":"a","consumerDataSet":[)" + consumer("G", subscription) + "," +
      consumer("H", R"({"$ref":"$.consumerDataSet[0].subscriptionDataSet[0]"})") +
      R"(],"producerDataSet":[]})";
  REQUIRE(rig.ask(34, {}, body).code == code::success);
  CHECK_THAT(rig.ask(345, {{"group", "H"}, {"topic", "T"}}).body,
             Catch::Contains(R"("subVersion":5)"));
}

TEST_CASE("producers are listed by group, and all of them, until they leave") {
  Rig rig;
  beat(rig, {.client = "a"}, 1);
  beat(rig, {.client = "b"}, 2);
  const auto answer = rig.ask(204, {{"producerGroup", "PID"}});
  const auto body = protocol::read_body<protocol::ProducerConnection>(answer.body).value();
  CHECK(body.connections.size() == 2);
  const auto all = protocol::read_body<protocol::ProducerTable>(rig.ask(328, {}).body).value();
  REQUIRE(all.groups.at("PID").size() == 2);
  CHECK(all.groups.at("PID")[0] ==
        protocol::ProducerInfo{"a", "/127.0.0.1:50000", "JAVA", 513, rig.host.clock().now_ms()});
  rig.ask(35, {{"clientID", "a"}, {"producerGroup", "PID"}}, {}, 1);
  rig.host.close_session(2);
  rig.host.run_until_idle();
  const auto none = rig.ask(204, {{"producerGroup", "PID"}});
  CHECK(none.code == code::system_error);
  CHECK(none.remark == "the producer group[PID] not exist");
  CHECK(rig.ask(328, {}, {}, 3).body == R"({"data":{}})");
}

TEST_CASE("groups on a topic are those that read it and those that stood in it") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  beat(rig, {.group = "Reads"}, 1);
  beat(rig, {.group = "Stood", .topics = {"Other"}}, 2);
  commit(rig, "Stood", "T", 1);
  CHECK(rig.ask(300, {{"topic", "T"}}).body == R"({"groupList":["Reads","Stood"]})");
  CHECK(rig.ask(300, {{"topic", "Nothing"}}).body == R"({"groupList":[]})");
  CHECK(rig.ask(343, {{"group", "Stood"}}).body ==
        R"({"brokerAddr":"127.0.0.1:10911","topicList":["T"]})");
  CHECK(rig.ask(345, {{"group", "Reads"}, {"topic", "Other"}}).body ==
        R"({"group":"Reads","topic":"Other"})");
}

TEST_CASE("a group's progress: where it stands, what is there, when its last message was stored") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  const int64_t first = rig.host.clock().now_ms();
  rig.host.advance_ms(50);
  rig.ask(310, send_v2("T"), "x");
  rig.ask(310, send_v2("U"), "x");
  beat(rig, {.topics = {"T"}}, 1);
  commit(rig, "G", "T", 1);
  commit(rig, "G", "U", 1);
  const auto stats = [&](const std::string& topic, const std::string& topics = "") {
    const auto answer =
        rig.ask(208, {{"consumerGroup", "G"}, {"topic", topic}, {"topicList", topics}});
    CHECK(answer.code == code::success);
    return protocol::read_body<protocol::ConsumeStats>(answer.body).value();
  };
  REQUIRE(stats("T").queues.size() == 4);
  CHECK(stats("T").queues.at({"T", "broker-a", 0}) == protocol::ConsumeOffsets{2, 1, 1, first});
  CHECK(stats("T").queues.at({"T", "broker-a", 1}) == protocol::ConsumeOffsets{});
  CHECK(stats("").queues.size() == 4);                 // U is not read any more
  CHECK(stats("", "T;U;Nothing").queues.size() == 8);  // but asked for by name
  CHECK(stats("Nothing").queues.empty());
  rig.ask(35, {{"clientID", "127.0.0.1@client"}, {"consumerGroup", "G"}}, {}, 1);
  CHECK(stats("").queues.size() == 8);
  CHECK(rig.ask(208, {}).code == code::system_error);
}
