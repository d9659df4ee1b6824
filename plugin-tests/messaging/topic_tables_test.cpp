// Codes 21, 202, 215, 305, 351: what tools ask of topics.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void make_topic(Rig& rig, const std::string& name, const std::string& queues = "2") {
  REQUIRE(rig.ask(17, {{"topic", name},
                       {"readQueueNums", queues},
                       {"writeQueueNums", queues},
                       {"perm", "6"}})
              .code == 0);
}

gantry::protocol::TopicConfigTable table(const fake::Answer& answer) {
  return gantry::protocol::read_body<gantry::protocol::TopicConfigTable>(answer.body).value();
}

}  // namespace

TEST_CASE("a topic's configuration is told, and 17 when there is none") {
  Rig rig;
  make_topic(rig, "T");
  CHECK_THAT(rig.ask(351, {{"topic", "T"}}).body,
             Catch::Contains(R"("topicName":"T")") && Catch::Contains(R"("writeQueueNums":2)"));
  const auto none = rig.ask(351, {{"topic", "Nothing"}});
  CHECK(none.code == code::topic_not_exist);
  CHECK(none.remark == "No topic in this broker. topic: Nothing");
  CHECK(rig.ask(351, {}).code == code::system_error);
}

TEST_CASE("topics are listed whole, the system's too, or in pages") {
  Rig rig;
  make_topic(rig, "T");
  const auto whole = rig.ask(21, {});
  const size_t total = table(whole).topics.size();
  CHECK(table(whole).topics.contains("T"));
  CHECK(table(whole).topics.contains("TBW102"));
  CHECK(whole.field("totalTopicNum") == std::to_string(total));
  const auto page = rig.ask(21, {{"topicSeq", "0"}, {"maxTopicNum", "3"}, {"dataVersion", ""}});
  CHECK(table(page).topics.size() == 3);
  CHECK(page.field("totalTopicNum") == std::to_string(total));
  CHECK_THAT(rig.ask(305, {}).body, Catch::Contains("TBW102") && !Catch::Contains("\"T\""));
}

TEST_CASE("the bounds of every queue of a topic, and when its newest message was stored") {
  Rig rig;
  make_topic(rig, "T");
  rig.ask(310, send_v2("T", {{"e", "1"}}), "x");
  rig.host.advance_ms(50);
  rig.ask(310, send_v2("T", {{"e", "1"}}), "x");
  const auto answer = rig.ask(202, {{"topic", "T"}});
  CHECK_THAT(answer.body, Catch::Contains(R"({{"brokerName":"broker-a")"));  // as Go reads it
  const auto stats =
      gantry::protocol::read_body<gantry::protocol::TopicStatsTable>(answer.body).value();
  REQUIRE(stats.queues.size() == 2);
  const auto& empty = stats.queues.at({"T", "broker-a", 0});
  CHECK(empty == gantry::protocol::QueueBounds{0, 0, 0});
  const auto& full = stats.queues.at({"T", "broker-a", 1});
  CHECK(full == gantry::protocol::QueueBounds{0, 2, rig.host.clock().now_ms()});
  const auto none = rig.ask(202, {{"topic", "Nothing"}});
  CHECK(none.code == code::topic_not_exist);
  CHECK(none.remark == "topic[Nothing] not exist");
}

TEST_CASE("a deleted topic is gone for good, and so is where groups stood in it") {
  fake::Log log;
  fake::MetadataStore metadata;
  const fake::Fields query = {
      {"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"setZeroIfNotFound", "false"}};
  {
    Rig rig({.settings = {{"auto_create_topics", false}}}, &log, &metadata);
    make_topic(rig, "T");
    make_topic(rig, "Other");
    rig.ask(310, send_v2("T"), "x");
    rig.ask(310, send_v2("Other"), "x");
    rig.ask(34, {}, heartbeat({}));
    for (const char* topic : {"T", "Other"}) {
      REQUIRE(rig.ask(15, {{"consumerGroup", "G"},
                           {"topic", topic},
                           {"queueId", "0"},
                           {"commitOffset", "1"}})
                  .code == 0);
    }
    rig.host.advance_ms(2'000);
    metadata.hold();
    const auto gone = rig.send(215, {{"topic", "T"}});
    CHECK_FALSE(gone->answer);
    CHECK(rig.ask(351, {{"topic", "T"}}).code == code::success);
    metadata.release();
    rig.host.run_until_idle();
    REQUIRE(gone->answer);
    CHECK(gone->answer->code == code::success);
    CHECK(rig.ask(351, {{"topic", "T"}}).code == code::topic_not_exist);
    CHECK(rig.ask(310, send_v2("T"), "x").code == code::topic_not_exist);
    CHECK(rig.ask(11, pull("T", 0, 0)).code == code::topic_not_exist);
  }
  Rig again({.settings = {{"auto_create_topics", false}}}, &log, &metadata);
  CHECK(again.ask(351, {{"topic", "T"}}).code == code::topic_not_exist);
  CHECK(again.ask(14, query).code == code::query_not_found);
  CHECK(again.ask(14, {{"consumerGroup", "G"}, {"topic", "Other"}, {"queueId", "0"}})
            .field("offset") == "1");
}

TEST_CASE("what is no topic of an application is not deleted") {
  Rig rig;
  const auto system = rig.ask(215, {{"topic", "TBW102"}});
  CHECK(system.code == code::invalid_parameter);
  CHECK(system.remark == "The topic[TBW102] is conflict with system topic.");
  CHECK(rig.ask(215, {{"topic", "  "}}).code == code::invalid_parameter);
  CHECK(rig.ask(215, {{"topic", "Nothing"}}).code == code::success);
  CHECK(rig.ask(215, {}).code == code::system_error);
  CHECK(rig.metadata.writes() == 0);
}

TEST_CASE("a topic whose deletion could not be stored stays") {
  Rig rig;
  make_topic(rig, "T");
  rig.metadata.fail_next_write("disk full");
  CHECK(rig.ask(215, {{"topic", "T"}}).code == code::system_error);
  CHECK(rig.ask(351, {{"topic", "T"}}).code == code::success);
}
