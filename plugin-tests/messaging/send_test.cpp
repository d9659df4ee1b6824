// Codes 10, 310 and 320: the checks in their order, what is stored, what is answered and when.
#include <catch2/catch.hpp>

#include <set>

#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"
#include "protocol/ids.hpp"
#include "protocol/message.hpp"
#include "protocol/properties.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
using gantry::protocol::find_property;
namespace sdk = gantry::sdk;

namespace {

gantry_message last_record(const Rig& rig) {
  const auto records = rig.log.records(rig.log.begin(), rig.log.end());
  REQUIRE_FALSE(records.empty());
  return records.back();
}

void check_refused(const fake::Answer& answer, int32_t code, const std::string& remark) {
  CHECK(answer.code == code);
  CHECK_THAT(answer.remark, Catch::Contains(remark));
}

}  // namespace

TEST_CASE("a send is stored and answered with the whole header") {
  Rig rig;
  const auto answer = rig.ask(310, send_v2("T", {{"e", "2"}, {"f", "1"}, {"h", "9"}}), "hello");
  REQUIRE(answer.code == code::success);
  CHECK(answer.field("queueId") == "2");
  CHECK(answer.field("queueOffset") == "0");
  CHECK(answer.field("transactionId") == "U1");
  CHECK(answer.field("MSG_REGION") == "DefaultRegion");
  CHECK(answer.field("TRACE_ON") == "true");
  CHECK(answer.field("msgId") == "7F00000100002A9F0000000000000000");
  const gantry_message record = last_record(rig);
  CHECK(sdk::view(record.topic) == "T");
  CHECK(sdk::view(record.body) == "hello");
  CHECK(record.queue_id == 2);
  CHECK(record.sys_flag == 1);
  CHECK(record.app_flag == 9);
  CHECK(record.born_ms == 1700000000000);
  const std::string_view text = sdk::view(record.property_text);
  CHECK(find_property(text, "KEYS") == "k");
  CHECK(find_property(text, "UNIQ_KEY") == "U1");
  CHECK(find_property(text, "WAIT") == "true");
  CHECK(find_property(text, "MSG_REGION") == "DefaultRegion");
  CHECK(find_property(text, "TRACE_ON") == "true");
  CHECK(find_property(text, "CLUSTER") == "DefaultCluster");
}

TEST_CASE("the second message of a queue has the next number and its own id") {
  Rig rig;
  rig.ask(310, send_v2("T"), "one");
  const int64_t second = rig.log.end();
  const auto answer = rig.ask(310, send_v2("T"), "two");
  CHECK(answer.field("queueOffset") == "1");
  const auto id = gantry::protocol::parse_offset_id(answer.field("msgId").value());
  REQUIRE(id.has_value());
  CHECK(id->log_offset == second);
  CHECK(id->host.text() == "127.0.0.1:10911");
}

TEST_CASE("long names are read as letters are") {
  Rig rig;
  const auto answer = rig.ask(10, send_v1("T", {{"queueId", "1"}}), "x");
  REQUIRE(answer.code == code::success);
  CHECK(answer.field("queueId") == "1");
  CHECK(answer.field("transactionId")->size() == 32);
  CHECK(find_property(sdk::view(last_record(rig).property_text), "UNIQ_KEY") ==
        answer.field("transactionId"));
}

TEST_CASE("a broker's own properties replace what a client says, POP_CK goes") {
  Rig rig;
  rig.ask(310,
          send_v2("T", {{"i", properties({{"MSG_REGION", "elsewhere"},
                                          {"CLUSTER", "other"},
                                          {"POP_CK", "handle"},
                                          {"TRACE_ON", "false"},
                                          {"mine", "kept"}})}}),
          "x");
  const std::string_view text = sdk::view(last_record(rig).property_text);
  CHECK(find_property(text, "MSG_REGION") == "DefaultRegion");
  CHECK(find_property(text, "CLUSTER") == "DefaultCluster");
  CHECK(find_property(text, "TRACE_ON") == "true");
  CHECK(find_property(text, "mine") == "kept");
  CHECK_FALSE(find_property(text, "POP_CK").has_value());
}

TEST_CASE("a sender's own numbers in light queues go, of a message and of a batch's") {
  Rig rig;
  const std::string forged = properties({{"INNER_MULTI_DISPATCH", "%LMQ%a"},
                                         {"INNER_MULTI_QUEUE_OFFSET", "0"},
                                         {"mine", "kept"}});
  const auto check = [&] {
    const std::string_view text = sdk::view(last_record(rig).property_text);
    CHECK_FALSE(find_property(text, "INNER_MULTI_QUEUE_OFFSET").has_value());
    CHECK(find_property(text, "INNER_MULTI_DISPATCH") == "%LMQ%a");
    CHECK(find_property(text, "mine") == "kept");
  };
  REQUIRE(rig.ask(310, send_v2("T", {{"i", forged}}), "x").code == code::success);
  check();
  std::string items;
  for (const std::string& own : {std::string(), forged}) {
    REQUIRE(gantry::protocol::append_batch_item(items, {0, "one", own}).has_value());
  }
  REQUIRE(rig.ask(320, send_v2("T", {{"m", "true"}}), items).code == code::success);
  check();
}

TEST_CASE("a negative queue id picks queues of the topic, not always the same") {
  Rig rig;
  std::set<std::string> queues;
  for (int i = 0; i < 64; ++i) {
    const auto answer = rig.ask(310, send_v2("T", {{"e", "-1"}}), "x");
    REQUIRE(answer.code == code::success);
    queues.insert(answer.field("queueId").value());
  }
  CHECK(queues == std::set<std::string>{"0", "1", "2", "3"});
}

TEST_CASE("a send is refused for its name") {
  Rig rig;
  check_refused(rig.ask(310, send_v2(" "), "x"), 29, "The specified topic is blank.");
  check_refused(rig.ask(310, send_v2("bad.topic"), "x"), 29, "contains illegal characters");
  check_refused(rig.ask(310, send_v2(std::string(128, 't')), "x"), 29, "max length: 127");
  check_refused(rig.ask(310, send_v2("SCHEDULE_TOPIC_XXXX"), "x"), 16,
                "Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.");
  CHECK(rig.log.end() == 0);
}

TEST_CASE("a send is refused for its queue") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  check_refused(rig.ask(310, send_v2("T", {{"e", "99"}}), "x"), 29,
                "request queueId[99] is illegal, TopicConfig [topicName=T, readQueueNums=4, "
                "writeQueueNums=4, perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, "
                "order=false, attributes={}] Producer: 127.0.0.1:50000");
  CHECK(rig.ask(310, send_v2("T", {{"e", "3"}}), "x").code == code::success);
}

TEST_CASE("malformed and missing fields are answered 1 with name and value") {
  Rig rig;
  check_refused(rig.ask(310, send_v2("T", {{"e", "zero"}}), "x"), 1, "zero");
  check_refused(rig.ask(310, send_v2("T", {{"e", absent}}), "x"), 1, "e");
  check_refused(rig.ask(310, send_v2("T", {{"g", "99999999999999999999"}}), "x"), 1,
                "99999999999999999999");
  check_refused(rig.ask(310, {}, "x"), 1, "");
  check_refused(rig.ask(10, send_v1("T", {{"queueId", "2147483648"}}), "x"), 1, "queueId");
  CHECK(rig.log.end() == 0);
}

TEST_CASE("a send is refused for its size") {
  Rig rig({.settings = {{"message_bytes_max", 100}}});
  rig.ask(310, send_v2("T"), "x");
  const int64_t end = rig.log.end();
  check_refused(rig.ask(310, send_v2("T"), std::string(101, 'x')), 13, "101 bytes");
  check_refused(rig.ask(310, send_v2("T"), ""), 13, "no body");
  check_refused(
      rig.ask(310, send_v2("T", {{"i", properties({{"p", std::string(32767, 'v')}})}}), "x"), 13,
      "properties length limit 32KB");
  CHECK(rig.log.end() == end);
  CHECK(rig.ask(310, send_v2("T"), std::string(100, 'x')).code == code::success);
}

TEST_CASE("without a limit of its own a send may be as large as what the log takes") {
  Rig rig({.log_takes = 3'000});
  CHECK(rig.ask(310, send_v2("T"), std::string(3'000, 'x')).code == code::success);
  check_refused(rig.ask(310, send_v2("T"), std::string(3'001, 'x')), 13, "limit 3000B");
}

TEST_CASE("a largest body above what the log takes fails the start by name") {
  CHECK_THROWS_WITH(Rig({.settings = {{"message_bytes_max", 3'001}}, .log_takes = 3'000}),
                    Catch::Contains("message_bytes_max: 3001") &&
                        Catch::Contains("commitlog.message_bytes_max, 3000"));
}

TEST_CASE("what no module serves is refused by the property's name, never stored as usual") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  const int64_t end = rig.log.end();
  const auto with = [&](const char* name, const char* value) {
    return rig.ask(310, send_v2("T", {{"i", properties({{name, value}})}}), "x");
  };
  check_refused(with("TRAN_MSG", "true"), 1, "TRAN_MSG: \"true\"");
  check_refused(with("DELAY", "3"), 1, "DELAY: \"3\"");
  check_refused(with("DELAY", "x"), 1, "DELAY: \"x\" is not a whole number");
  check_refused(with("TIMER_DELAY_SEC", "30"), 1, "TIMER_DELAY_SEC: \"30\"");
  check_refused(with("TIMER_DELAY_MS", "30"), 1, "TIMER_DELAY_MS");
  check_refused(with("TIMER_DELIVER_MS", "30"), 1, "TIMER_DELIVER_MS");
  check_refused(rig.ask(310, send_v2("T", {{"f", "4"}}), "x"), 13, "sysFlag 4");
  for (const char* inner : {"64", "128", "192"}) {  // 1,000,000 numbers for one message
    const std::string many = properties({{"INNER_NUM", "1000000"}});
    check_refused(rig.ask(310, send_v2("T", {{"f", inner}, {"i", many}}), "x"), 13, inner);
  }
  CHECK(rig.log.end() == end);
  CHECK(with("DELAY", "0").code == code::success);
  CHECK(with("TRAN_MSG", "false").code == code::success);
}

TEST_CASE("an answer waits for the log, WAIT=false only until it is written") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  rig.log.hold_marks();
  const auto waiting = rig.send(310, send_v2("T"), "x");
  const auto hurried = rig.send(310, send_v2("T", {{"i", properties({{"WAIT", "false"}})}}), "x");
  CHECK_FALSE(waiting->answer);
  CHECK_FALSE(hurried->answer);
  rig.log.raise(GANTRY_MARK_WRITTEN, rig.log.end());
  rig.host.run_until_idle();
  CHECK_FALSE(waiting->answer);
  REQUIRE(hurried->answer);
  CHECK(hurried->answer->code == code::success);
  rig.log.release_marks();
  rig.host.run_until_idle();
  REQUIRE(waiting->answer);
  CHECK(waiting->answer->code == code::success);
}

TEST_CASE("a send that is not durable in time is answered 10 with the whole header") {
  Rig rig({.settings = {{"store_timeout_ms", 500}}});
  rig.ask(310, send_v2("T"), "x");
  rig.log.hold_marks();
  const auto sent = rig.send(310, send_v2("T"), "x");
  rig.log.raise(GANTRY_MARK_WRITTEN, rig.log.end());
  rig.host.advance_ms(499);
  CHECK_FALSE(sent->answer);
  rig.host.advance_ms(1);
  REQUIRE(sent->answer);
  CHECK(sent->answer->code == code::flush_disk_timeout);
  CHECK(sent->answer->field("queueOffset") == "1");
  CHECK(sent->answer->field("msgId").has_value());
}

TEST_CASE("closed gates, a full log and a failed one have their codes") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  rig.log.refuse_appends(1);
  check_refused(rig.ask(310, send_v2("T"), "x"), 2, "[PCBUSY_CLEAN_QUEUE]broker busy");
  rig.log.set_gate("disk", true, 14, "the disk is full");
  check_refused(rig.ask(310, send_v2("T"), "x"), 14, "the disk is full");
  rig.log.set_gate("disk", false, 0, "");
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);
  rig.log.fail("no space left on device");
  check_refused(rig.ask(310, send_v2("T"), "x"), 1, "no space left on device");
}

TEST_CASE("a one-way send is stored") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  fake::Request request;
  request.code = 310;
  request.fields = send_v2("T");
  request.body = "quiet";
  request.one_way = true;
  rig.host.send("broker", request);
  CHECK(sdk::view(last_record(rig).body) == "quiet");
}

TEST_CASE("a compacted topic wants keys") {
  Rig rig;
  REQUIRE(rig.ask(17, {{"topic", "C"},
                       {"defaultTopic", "TBW102"},
                       {"readQueueNums", "1"},
                       {"writeQueueNums", "1"},
                       {"perm", "6"},
                       {"topicFilterType", "SINGLE_TAG"},
                       {"attributes", "+cleanup.policy=COMPACTION"},
                       {"order", "false"}})
              .code == code::success);
  check_refused(rig.ask(310, send_v2("C", {{"i", properties({{"UNIQ_KEY", "U"}})}}), "x"), 13,
                "Required message key is missing");
  check_refused(rig.ask(310, send_v2("C", {{"i", properties({{"KEYS", " "}})}}), "x"), 13,
                "Required message key is missing");
  CHECK(rig.ask(310, send_v2("C"), "x").code == code::success);
}

TEST_CASE("a record of a topic of many tags says so") {
  Rig rig;
  const auto make = [&](const char* filter) {
    REQUIRE(rig.ask(17, {{"topic", "M"},
                         {"readQueueNums", "1"},
                         {"writeQueueNums", "1"},
                         {"perm", "6"},
                         {"topicFilterType", filter}})
                .code == code::success);
  };
  make("MULTI_TAG");
  REQUIRE(rig.ask(310, send_v2("M", {{"f", "1"}}), "x").code == code::success);
  CHECK(last_record(rig).sys_flag == 3);
  std::string item;
  REQUIRE(gantry::protocol::append_batch_item(item, {0, "one", {}}).has_value());
  REQUIRE(rig.ask(320, send_v2("M", {{"m", "true"}}), item).code == code::success);
  CHECK(last_record(rig).sys_flag == 2);
  make("SINGLE_TAG");
  REQUIRE(rig.ask(310, send_v2("M"), "x").code == code::success);
  CHECK(last_record(rig).sys_flag == 0);
}

TEST_CASE("a broker that is not to be sent to tells the nameserver, and refuses ordered topics") {
  Rig rig({.settings = {{"send_enabled", false}}});
  CHECK_THAT(rig.told().at(0).body, Catch::Contains(R"("perm":4)"));
  CHECK_THAT(rig.told().at(0).body, !Catch::Contains(R"("perm":6)"));
  const auto make = [&](const char* topic, const char* order) {
    rig.forget_told();
    REQUIRE(rig.ask(17, {{"topic", topic},
                         {"readQueueNums", "1"},
                         {"writeQueueNums", "1"},
                         {"perm", "6"},
                         {"order", order}})
                .code == code::success);
    CHECK_THAT(rig.told().at(0).body, Catch::Contains(R"("perm":4)"));
  };
  make("T", "false");
  make("O", "true");
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);  // by a route of before
  check_refused(rig.ask(310, send_v2("O"), "x"), 16,
                "the broker[127.0.0.1] sending message is forbidden");
  CHECK_THAT(rig.ask(351, {{"topic", "T"}}).body, Catch::Contains(R"("perm":6)"));
}

TEST_CASE("a topic's permission is the route's business, not a send's") {
  Rig rig;
  for (const char* perm : {"2", "4", "6"}) {
    const std::string topic = std::string("P") + perm;
    REQUIRE(
        rig.ask(17,
                {{"topic", topic}, {"readQueueNums", "1"}, {"writeQueueNums", "1"}, {"perm", perm}})
            .code == code::success);
    CHECK(rig.ask(310, send_v2(topic), "x").code == code::success);
    const auto pulled = rig.ask(11, pull(topic, 0, 0));
    CHECK(pulled.code == (*perm == '2' ? code::no_permission : code::success));
  }
}

TEST_CASE("a topic without queues takes nothing") {
  Rig rig;
  REQUIRE(
      rig.ask(17, {{"topic", "Z"}, {"readQueueNums", "0"}, {"writeQueueNums", "0"}, {"perm", "6"}})
          .code == code::success);
  check_refused(rig.ask(310, send_v2("Z"), "x"), 29, "request queueId[0] is illegal");
  check_refused(rig.ask(310, send_v2("Z", {{"e", "-1"}}), "x"), 1, "no queue");
}

TEST_CASE("a retry topic belongs to a group") {
  SECTION("that is made when groups are made on their own") {
    Rig rig;
    const auto answer = rig.ask(310, send_v2("%RETRY%G1"), "x");
    REQUIRE(answer.code == code::success);
    CHECK(rig.metadata.get("groups", "G1").has_value());
    CHECK(rig.metadata.get("topics", "%RETRY%G1").has_value());
    // As the template says: a client without a route picks one of its queues.
    CHECK(rig.ask(310, send_v2("%RETRY%G1", {{"e", "3"}}), "x").code == code::success);
    check_refused(rig.ask(310, send_v2("%RETRY%G1", {{"e", "4"}}), "x"), 29, "queueId[4]");
    CHECK(rig.ask(310, send_v2("%RETRY%G2", {{"e", "3"}}), "x").code == code::success);
  }
  SECTION("with one queue if there is no template") {
    Rig rig({.settings = {{"auto_create_topics", false}}});
    REQUIRE(rig.ask(310, send_v2("%RETRY%G1"), "x").code == code::success);
    check_refused(rig.ask(310, send_v2("%RETRY%G1", {{"e", "1"}}), "x"), 29, "queueId[1]");
    // A heartbeat makes the group, and an administrator takes the topic away.
    REQUIRE(rig.ask(215, {{"topic", "%RETRY%G1"}}).code == code::success);
    REQUIRE(rig.ask(310, send_v2("%RETRY%G1"), "x").code == code::success);
    check_refused(rig.ask(310, send_v2("%RETRY%G1", {{"e", "1"}}), "x"), 29, "queueId[1]");
  }
  SECTION("else the send is refused and nothing is made") {
    Rig rig({.settings = {{"auto_create_groups", false}}});
    check_refused(rig.ask(310, send_v2("%RETRY%G1"), "x"), 26,
                  "subscription group not exist, G1 \nSee ");
    CHECK(rig.metadata.table("topics").empty());
  }
}

TEST_CASE("a message consumed too often goes to the dead letters") {
  Rig rig;
  const auto retry = [&](const char* times, const char* most) {
    return rig.ask(310, send_v2("%RETRY%G1", {{"j", times}, {"l", most}}), "x");
  };
  REQUIRE(retry("3", "3").code == code::success);
  CHECK(sdk::view(last_record(rig).topic) == "%RETRY%G1");
  CHECK(last_record(rig).reconsume_times == 3);
  REQUIRE(retry("4", "3").code == code::success);
  CHECK(sdk::view(last_record(rig).topic) == "%DLQ%G1");
  CHECK(find_property(sdk::view(last_record(rig).property_text), "DELAY") == "-1");
  CHECK(rig.metadata.get("topics", "%DLQ%G1").has_value());
  // Without a word of the client the group's own limit of 16 counts.
  REQUIRE(retry("16", absent.c_str()).code == code::success);
  CHECK(sdk::view(last_record(rig).topic) == "%RETRY%G1");
  REQUIRE(retry("17", absent.c_str()).code == code::success);
  CHECK(sdk::view(last_record(rig).topic) == "%DLQ%G1");
}
