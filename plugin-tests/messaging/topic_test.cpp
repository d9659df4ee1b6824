// Topics: made by a send or by code 17, durable before any answer depends on them; their documents
// and attributes.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

fake::Fields update(const std::string& topic, Overrides overrides = {}) {
  fake::Fields fields = {{"topic", topic},       {"defaultTopic", "TBW102"},
                         {"readQueueNums", "2"}, {"writeQueueNums", "3"},
                         {"perm", "6"},          {"topicFilterType", "SINGLE_TAG"},
                         {"topicSysFlag", "0"},  {"order", "false"}};
  for (auto& [key, value] : overrides) {
    std::erase_if(fields, [&](const auto& field) { return field.first == key; });
    if (value != absent) fields.emplace_back(key, value);
  }
  return fields;
}

bool is_answered(const std::shared_ptr<const fake::Exchange>& exchange) {
  return exchange->answer.has_value();
}

}  // namespace

TEST_CASE("a new topic is durable before its first message is stored") {
  Rig rig;
  rig.forget_told();
  rig.metadata.hold();
  const auto first = rig.send(310, send_v2("T"), "one");
  const auto second = rig.send(310, send_v2("T"), "two", 2);
  const auto other = rig.ask(310, send_v2("BenchmarkTest"), "x");
  CHECK(other.code == code::success);  // what is known does not wait
  CHECK_FALSE(is_answered(first));
  CHECK_FALSE(is_answered(second));
  CHECK(rig.metadata.held() == 1);  // one write for both
  CHECK(rig.log.next_number("T", 0) == 0);
  CHECK(rig.told().empty());
  CHECK(rig.ask(30, {{"topic", "T"}, {"queueId", "0"}}).field("offset") == "0");

  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(is_answered(first));
  REQUIRE(is_answered(second));
  CHECK(first->answer->code == code::success);
  CHECK(second->answer->code == code::success);
  CHECK(rig.metadata.get("topics", "T").has_value());
  CHECK(rig.metadata.now_writes() == 1);
  REQUIRE(rig.told().size() == 1);  // and the nameserver knows it
  CHECK_THAT(rig.told()[0].body, Catch::Contains("\"T\":{"));
}

TEST_CASE(
    "a topic that cannot be stored is answered 1 and is not there; the next send tries again") {
  Rig rig;
  rig.metadata.hold();
  rig.metadata.fail_next_write("disk full");
  const auto first = rig.send(310, send_v2("T"), "one");
  const auto second = rig.send(310, send_v2("T"), "two", 2);
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(is_answered(first));
  REQUIRE(is_answered(second));
  CHECK(first->answer->code == code::system_error);
  CHECK(second->answer->code == code::system_error);
  CHECK_THAT(first->answer->remark, Catch::Contains("not stored"));
  CHECK(rig.log.next_number("T", 0) == 0);
  CHECK(rig.ask(11, pull("T", 0, 0)).code == code::topic_not_exist);
  CHECK(rig.ask(310, send_v2("T"), "three").code == code::success);
}

TEST_CASE("a store that never answers costs the sender a 2, not a hanging client") {
  Rig rig({.settings = {{"metadata_timeout_ms", 1000}}});
  rig.metadata.hold();
  const auto sent = rig.send(310, send_v2("T"), "x");
  rig.host.advance_ms(999);
  CHECK_FALSE(is_answered(sent));
  rig.host.advance_ms(1);
  REQUIRE(is_answered(sent));
  CHECK(sent->answer->code == code::system_busy);
  rig.metadata.release();  // late: nobody is left to wake
  rig.host.run_until_idle();
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);
}

TEST_CASE("a client that goes while its topic is made leaves the topic to the others") {
  Rig rig;
  rig.metadata.hold();
  const auto first = rig.send(310, send_v2("T"), "one", 1);
  const auto second = rig.send(310, send_v2("T"), "two", 2);
  rig.host.close_session(1);
  rig.metadata.release();
  rig.host.run_until_idle();
  CHECK(first->dropped);
  REQUIRE(is_answered(second));
  CHECK(second->answer->code == code::success);
  CHECK(rig.log.next_number("T", 0) == 1);
}

TEST_CASE("every shard sees a topic before anybody is told it exists") {
  Rig rig({.shards = 2});
  for (int i = 0; i < 8; ++i) {
    const std::string topic = "T" + std::to_string(i);
    // The session of one shard makes it, the one of the other uses it at once.
    CHECK(rig.ask(310, send_v2(topic), "x", 2 + i % 2).code == code::success);
    CHECK(rig.ask(11, pull(topic, 0, 0), {}, 3 - i % 2).code == code::success);
  }
}

TEST_CASE("the template decides what a send makes") {
  Rig rig;
  SECTION("queues are what the client wishes, within the template") {
    rig.ask(310, send_v2("T", {{"d", "100"}}), "x");
    CHECK(rig.ask(310, send_v2("T", {{"e", "7"}}), "x").code == code::success);
    CHECK(rig.ask(310, send_v2("T", {{"e", "8"}}), "x").code == code::invalid_parameter);
  }
  SECTION("and a negative wish is none: the topic is there, nothing fits") {
    CHECK(rig.ask(310, send_v2("T", {{"d", "-3"}}), "x").code == code::invalid_parameter);
    CHECK(rig.metadata.get("topics", "T").has_value());
  }
  SECTION("the permission is the template's without the inherit bit") {
    rig.forget_told();
    REQUIRE(rig.ask(310, send_v2("T"), "x").code == code::success);
    CHECK_THAT(rig.told().at(0).body, Catch::Contains(R"("perm":6)"));
    REQUIRE(rig.ask(17, update("Mine", {{"perm", "5"}, {"writeQueueNums", "2"}})).code == 0);
    rig.forget_told();
    REQUIRE(rig.ask(310, send_v2("U", {{"c", "Mine"}}), "x").code == code::success);
    CHECK_THAT(rig.told().at(0).body, Catch::Contains(R"("perm":4)"));
    CHECK(rig.ask(310, send_v2("U", {{"e", "1"}}), "x").code == code::success);
    CHECK(rig.ask(310, send_v2("U", {{"e", "2"}}), "x").code == code::invalid_parameter);
  }
  SECTION("a unit's topics and retries are marked") {
    rig.ask(310, send_v2("T", {{"k", "true"}}), "x");
    CHECK_THAT(rig.ask(310, send_v2("T", {{"e", "99"}}), "x").remark,
               Catch::Contains("topicSysFlag=1,"));
    rig.ask(310, send_v2("%RETRY%G", {{"k", "true"}}), "x");
    CHECK_THAT(rig.ask(310, send_v2("%RETRY%G", {{"e", "99"}}), "x").remark,
               Catch::Contains("topicSysFlag=2,"));
  }
  SECTION("another topic without the inherit bit is no template") {
    const auto answer = rig.ask(310, send_v2("T", {{"c", "BenchmarkTest"}}), "x");
    CHECK(answer.code == code::topic_not_exist);
    CHECK(answer.remark ==
          "topic[T] not exist, apply first please!\nSee "
          "https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.");
    CHECK(answer.field("MSG_REGION") == "DefaultRegion");
  }
  SECTION("an unknown one neither") {
    CHECK(rig.ask(310, send_v2("T", {{"c", "Nothing"}}), "x").code == code::topic_not_exist);
  }
}

TEST_CASE("without automatic topics there is no template and no topic") {
  Rig rig({.settings = {{"auto_create_topics", false}}});
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::topic_not_exist);
  CHECK(rig.ask(310, send_v2("TBW102"), "x").code == code::topic_not_exist);
  CHECK(rig.metadata.writes() == 0);
}

TEST_CASE("a broker that is full of topics says so") {
  Rig rig({.settings = {{"topics_max", 100}}});
  int made = 0;
  fake::Answer answer;
  while ((answer = rig.ask(310, send_v2("T" + std::to_string(made)), "x")).code == code::success) {
    REQUIRE(++made < 100);
  }
  CHECK(answer.code == code::system_error);
  CHECK_THAT(answer.remark, Catch::Contains("topics_max is 100"));
  CHECK(made > 80);
  // What is there may still be changed.
  CHECK(rig.ask(17, update("T0")).code == code::success);
}

TEST_CASE("topics and groups survive a restart") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    REQUIRE(
        rig.ask(17, update("T", {{"attributes", "+message.type=FIFO"}, {"order", "true"}})).code ==
        code::success);
    rig.ask(34, {}, heartbeat({.group = "G", .topics = {"T"}}));
  }
  metadata.put("topics", "damaged", "not a document");
  Rig rig({}, &log, &metadata);
  CHECK(rig.host.logged("topics/damaged cannot be read"));
  const auto answer = rig.ask(310, send_v2("T", {{"e", "9"}}), "x");
  CHECK_THAT(answer.remark,
             Catch::Contains("topicName=T, readQueueNums=2, writeQueueNums=3, perm=RW-, "
                             "topicFilterType=SINGLE_TAG, topicSysFlag=0, order=true, "
                             "attributes={message.type=FIFO}"));
  CHECK(
      rig.ask(15, {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"commitOffset", "1"}})
          .code == code::success);
}

TEST_CASE("code 17 makes and changes a topic, durable first") {
  Rig rig;
  rig.metadata.hold();
  const auto sent = rig.send(17, update("T"));
  CHECK_FALSE(is_answered(sent));
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(is_answered(sent));
  CHECK(sent->answer->code == code::success);
  CHECK(rig.ask(310, send_v2("T", {{"e", "2"}}), "x").code == code::success);
  const int writes = rig.metadata.writes();
  CHECK(rig.ask(17, update("T")).code == code::success);  // nothing new, nothing written
  CHECK(rig.metadata.writes() == writes);
  CHECK(rig.ask(17, update("T", {{"writeQueueNums", "8"}, {"readQueueNums", "8"}})).code ==
        code::success);
  CHECK(rig.ask(310, send_v2("T", {{"e", "7"}}), "x").code == code::success);
  rig.metadata.fail_next_write("disk full");
  CHECK(rig.ask(17, update("T", {{"perm", "4"}})).code == code::system_error);
  CHECK(rig.ask(17, update("T", {{"perm", "4"}})).code == code::success);
}

TEST_CASE("code 17 refuses what is wrong, naming it") {
  Rig rig;
  const auto refused = [&](int32_t code, const std::string& topic, Overrides overrides,
                           const std::string& remark) {
    const auto answer = rig.ask(17, update(topic, overrides));
    CHECK(answer.code == code);
    CHECK_THAT(answer.remark, Catch::Contains(remark));
  };
  refused(29, "a.b", {}, "contains illegal characters");
  refused(29, "TBW102", {}, "The topic[TBW102] is conflict with system topic.");
  refused(29, "DefaultCluster", {}, "conflict with system topic");
  refused(29, "broker-a", {}, "conflict with system topic");
  refused(29, "T", {{"readQueueNums", "-1"}}, "readQueueNums: -1");
  refused(29, "T", {{"writeQueueNums", "1000000"}}, "writeQueueNums: 1000000");
  refused(29, "T", {{"perm", "16"}}, "perm: 16");
  refused(1, "T", {{"perm", "RW"}}, "RW");
  refused(1, "T", {{"readQueueNums", absent}}, "readQueueNums");
  refused(1, "T", {{"topicFilterType", "NONE"}}, "NONE");
  refused(1, "T", {{"attributes", "+nonsense=1"}}, "unsupported key: nonsense");
  refused(1, "T", {{"attributes", "+message.type=NONSENSE"}},
          "value is not in set: [UNSPECIFIED, MIXED, TRANSACTION, PRIORITY, FIFO, DELAY, LITE, "
          "NORMAL]");
  refused(29, "T", {{"attributes", "+message.type=MIXED"}}, "MIXED");
  refused(1, "T", {{"attributes", "message.type=FIFO"}}, "message.type");
  refused(1, "T", {{"attributes", "-message.type"}}, "only add attribute is supported");
  refused(1, "T", {{"attributes", "+reserve.time=-2"}}, "-2");
  refused(1, "T", {{"attributes", "+reserve.time=1,+reserve.time=2"}}, "key duplication");
  CHECK(rig.metadata.writes() == 0);
  REQUIRE(rig.ask(17, update("T", {{"attributes", "+queue.type=SimpleCQ"}})).code == 0);
  refused(1, "T", {{"attributes", "+queue.type=BatchCQ"}}, "unchangeable");
  refused(1, "T", {{"attributes", "-message.type"}}, "nonexistent key: message.type");
  CHECK(rig.ask(17, update("T", {{"attributes", "+message.type=FIFO"}})).code == 0);
  CHECK(rig.ask(17, update("T", {{"attributes", "-message.type"}})).code == 0);
}
