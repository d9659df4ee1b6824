#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "protocol/bytes.hpp"

namespace gantry::protocol {
namespace {

template <class Body>
std::string fault(std::string_view text) {
  const auto body = read_body<Body>(text);
  return body.has_value() ? "none" : body.error().text;
}

std::string sized(std::string_view text) {
  std::string out;
  append_be(out, static_cast<std::int32_t>(text.size()));
  return out.append(text);
}

std::string number(std::int32_t value) {
  std::string out;
  append_be(out, value);
  return out;
}

}  // namespace

TEST_CASE("a heartbeat of the C++ client has ordinals, texts for numbers, and much left out") {
  const auto beat = read_body<HeartbeatData>(
      R"({"clientID":"c","consumerDataSet":[{"consumeFromWhere":5,"consumeType":1,"groupName":"g",
      "messageModel":0,"subscriptionDataSet":[
        {"subString":"*","subVersion":"1795260961280","topic":"t"}]}]})"
      "\n");
  REQUIRE(beat.has_value());
  REQUIRE(beat->consumers.size() == 1);
  const ConsumerData& consumer = beat->consumers[0];
  CHECK(consumer.type == ConsumeType::passively);
  CHECK(consumer.model == MessageModel::broadcasting);
  CHECK(consumer.from_where == ConsumeFromWhere::timestamp);
  REQUIRE(consumer.subscriptions.size() == 1);
  CHECK(consumer.subscriptions[0].version == 1795260961280);
  CHECK(consumer.subscriptions[0].expression_type == "TAG");
  CHECK(beat->producer_groups.empty());
}

TEST_CASE("hashes of tags may be texts, as the Go client sends them") {
  const auto data = read_body<SubscriptionData>(R"({"codeSet":["2598919","-5"],"tagsSet":["a"]})");
  REQUIRE(data.has_value());
  CHECK(data->codes == std::vector<std::int32_t>{2598919, -5});
}

TEST_CASE("null members are as good as missing ones") {
  CHECK(read_body<HeartbeatData>(
            R"({"clientID":null,"consumerDataSet":null,"producerDataSet":null,"withoutSub":null})")
            .value() == HeartbeatData());
}

TEST_CASE("what cannot be read is named with its value") {
  CHECK(fault<HeartbeatData>("[]") == "heartbeat is [], not an object");
  CHECK(fault<HeartbeatData>(R"({"consumerDataSet":5})") ==
        "heartbeat.consumerDataSet is 5, not a list");
  CHECK(fault<HeartbeatData>(R"({"consumerDataSet":[{"consumeType":"PUSH"}]})") ==
        "heartbeat.consumerDataSet: consumer.consumeType is \"PUSH\", not one of "
        "CONSUME_ACTIVELY, CONSUME_PASSIVELY, CONSUME_POP");
  CHECK(fault<TopicConfig>(R"({"perm":"six"})") ==
        "topic config.perm is \"six\", not a whole number");
  CHECK(fault<TopicConfig>(R"({"perm":3000000000})") ==
        "topic config.perm is 3000000000, not a 32-bit whole number");
  CHECK(fault<TopicRouteData>(R"({"brokerDatas":[{"brokerAddrs":{"x":"y"}}]})") ==
        "topic route.brokerDatas: broker data.brokerAddrs is \"x\", not a whole number as key");
}

TEST_CASE("a route is written in each of its three forms") {
  TopicRouteData route;
  route.queues.push_back({"b/a", 4, 4, 6, 0});
  route.brokers.push_back({"c1", "b/a", {{0, "10.1.2.3:10911"}, {1, "10.1.2.4:10911"}}, "", false});
  CHECK(write_body(route, JsonStyle::legacy) ==
        R"({"brokerDatas":[{"brokerAddrs":{0:"10.1.2.3:10911",1:"10.1.2.4:10911"},)"
        R"("brokerName":"b/a","cluster":"c1","enableActingMaster":false}],)"
        R"("filterServerTable":{},"queueDatas":[)"
        R"({"brokerName":"b/a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]})");
  const std::string escaped = write_body(route, JsonStyle::standard_escaped);
  CHECK(escaped.find(R"("brokerAddrs":{"0":"10.1.2.3:10911","1":"10.1.2.4:10911"})") !=
        std::string::npos);
  CHECK(escaped.find(R"("brokerName":"b\/a")") != std::string::npos);
  for (const auto style : {JsonStyle::legacy, JsonStyle::standard, JsonStyle::standard_escaped}) {
    CHECK(read_body<TopicRouteData>(write_body(route, style)).value() == route);
  }
}

TEST_CASE("a message queue is a key and comes back from it") {
  const MessageQueue queue{"t", "b", 3};
  CHECK(queue.json_key() == R"({"brokerName":"b","queueId":3,"topic":"t"})");
  CHECK(MessageQueue::from_json_key(queue.json_key()).value() == queue);
}

TEST_CASE("old brokers register with a bare table of topics") {
  const auto body = read_body<RegisterBrokerBody>(
      R"({"dataVersion":{"counter":1},"topicConfigTable":{"t":{"topicName":"t","perm":4}}})");
  REQUIRE(body.has_value());
  CHECK(body->topics.topics.at("t").perm == 4);
  CHECK(body->topics.data_version.counter == 1);
}

TEST_CASE("queue mappings of static topics are carried along") {
  const std::string text =
      R"({"filterServerList":["f"],"topicConfigSerializeWrapper":{"topicConfigTable":{},)"
      R"("topicQueueMappingInfoMap":{"st":{"currIdMap":{0:1},"topic":"st"}}}})";
  const auto body = read_body<RegisterBrokerBody>(text);
  REQUIRE(body.has_value());
  CHECK(body->topics.mapping_infos == R"({"st":{"currIdMap":{"0":1},"topic":"st"}})");
  const std::string written = write_body(*body, JsonStyle::legacy);
  CHECK(written.find(R"("currIdMap":{0:1})") != std::string::npos);
}

TEST_CASE("the layout of a compressed registration is read") {
  const std::string version = sized(R"({"counter":3,"stateVersion":0,"timestamp":17})");
  const std::string topics = number(3) + sized("orders 4 8 6 SINGLE_TAG {}") +
                             sized(R"(a 1 1 4 MULTI_TAG {"message.type":"FIFO", "x":"y z"})") +
                             sized("\u4e2d 4 4 6 SINGLE_TAG");
  const std::string tail = sized(R"(["f1"])");
  const std::string mappings = number(1) + sized(R"({"topic":"st","currIdMap":{0:1}})");

  const auto body = read_register_layout(version + topics + tail + mappings, true);
  REQUIRE(body.has_value());
  CHECK(body->topics.data_version == DataVersion{0, 17, 3});
  CHECK(body->topics.topics.size() == 3);
  CHECK(body->topics.topics.at("orders").write_queues == 8);
  CHECK(body->topics.topics.at("a").filter_type == TopicFilterType::multi_tag);
  CHECK(body->topics.topics.at("a").attributes.at("x") == "y z");
  CHECK(body->filter_servers == std::vector<std::string>{"f1"});
  CHECK(body->topics.mapping_infos == R"({"st":{"topic":"st","currIdMap":{"0":1}}})");
  CHECK(read_register_layout(version + topics + tail, false).has_value());
}

// The text is what a RocketMQ 5.5.0 broker deflates.
TEST_CASE("the layout of a compressed registration is written as Java does") {
  const std::string java = sized(R"({"counter":0,"stateVersion":0,"timestamp":1795261967341})") +
                           number(2) + sized("orders 4 4 6 SINGLE_TAG {}") +
                           sized("\u4e2d 4 4 6 SINGLE_TAG {}") + sized("[]") + number(0);
  const auto body = read_register_layout(java, true);
  REQUIRE(body.has_value());
  CHECK(write_register_layout(*body) == java);

  RegisterBrokerBody full = *body;
  full.topics.topics.at("orders").filter_type = TopicFilterType::multi_tag;
  full.topics.topics.at("orders").attributes = {{"message.type", "FIFO"}, {"x", "y z"}};
  full.filter_servers = {"f1", "f2"};
  full.topics.mapping_infos = R"({"st":{"topic":"st","currIdMap":{"0":1}}})";
  CHECK(read_register_layout(write_register_layout(full), true).value() == full);
}

TEST_CASE("a damaged layout of a compressed registration is an error") {
  const std::string version = sized("{}");
  const std::string whole = version + number(1) + sized("t 4 4 6 SINGLE_TAG {}") + sized("[]");
  REQUIRE(read_register_layout(whole, false).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(read_register_layout(std::string_view(whole).substr(0, size), false).has_value());
  }
  CHECK_FALSE(read_register_layout(whole, true).has_value());
  CHECK_FALSE(read_register_layout(version + number(-1) + sized("[]"), false).has_value());
  CHECK(read_register_layout(version + number(2'000'000'000), false).error().text ==
        "byte 10: a topic of the registration goes beyond its end");
  CHECK(read_register_layout(version + number(1) + sized("t four 4 6 SINGLE_TAG"), false)
            .error()
            .text.find("\"t four 4 6 SINGLE_TAG\"") != std::string::npos);
}

TEST_CASE(
    "a reset's offsets are read keyed by queue, by a text of it, and as the C++ client's list") {
  QueueOffsetTable wanted;
  wanted.offsets[{"orders", "b-a", 0}] = 120;
  wanted.offsets[{"orders", "b-a", 1}] = -1;
  for (const char* text :
       {R"({"offsetTable":{{"brokerName":"b-a","queueId":0,"topic":"orders"}:120,
                           {"brokerName":"b-a","queueId":1,"topic":"orders"}:-1}})",
        R"({"offsetTable":{"{\"brokerName\":\"b-a\",\"queueId\":0,\"topic\":\"orders\"}":120,
                           "{\"brokerName\":\"b-a\",\"queueId\":1,\"topic\":\"orders\"}":"-1"}})",
        R"({"offsetTable":[{"brokerName":"b-a","queueId":0,"topic":"orders","offset":120},
                           {"brokerName":"b-a","queueId":1,"topic":"orders","offset":-1}]})"}) {
    INFO(text);
    CHECK(read_body<QueueOffsetTable>(text).value() == wanted);
  }
  CHECK(fault<QueueOffsetTable>(R"({"offsetTable":{{"queueId":0}:"many"}})").find("many") !=
        std::string::npos);
}

TEST_CASE("tables of groups are written as Java writes them, and read back") {
  ProducerTable producers;
  producers.groups["p"] = {{"c", "/10.1.2.3:5", "JAVA", 513, 17}};
  CHECK(write_body(producers) ==
        R"({"data":{"p":[{"clientId":"c","language":"JAVA","lastUpdateTimestamp":17,)"
        R"("remoteIP":"/10.1.2.3:5","version":513}]}})");
  CHECK(read_body<ProducerTable>(write_body(producers)).value() == producers);

  ConsumerStatus status;
  status.clients["c"] = {{{"t", "b", 0}, 5}};
  status.queues[{"t", "b", 1}] = 7;
  const std::string text = write_body(status, JsonStyle::legacy);
  CHECK(text == R"({"consumerTable":{"c":{{"brokerName":"b","queueId":0,"topic":"t"}:5}},)"
                R"("messageQueueTable":{{"brokerName":"b","queueId":1,"topic":"t"}:7}})");
  CHECK(read_body<ConsumerStatus>(text).value() == status);

  CommittedOffsets offsets;
  offsets.offsets["t@g"] = {{0, 3}, {77, 5}};
  CHECK(write_body(offsets, JsonStyle::legacy).find(R"("offsetTable":{"t@g":{0:3,77:5}})") !=
        std::string::npos);
  CHECK(read_body<CommittedOffsets>(write_body(offsets)).value() == offsets);

  GroupSubscription none{"g", "t", std::nullopt};
  CHECK(write_body(none) == R"({"group":"g","topic":"t"})");
  CHECK(read_body<GroupSubscription>(write_body(none)).value() == none);
}

TEST_CASE("tables of groups that cannot be read name the place and the value") {
  CHECK(fault<ProducerTable>(R"({"data":[]})").find("data") != std::string::npos);
  CHECK(fault<ProducerTable>(R"({"data":{"p":[{"version":"new"}]}})").find("new") !=
        std::string::npos);
  CHECK(fault<ConsumerStatus>(R"({"consumerTable":[]})").find("consumerTable") !=
        std::string::npos);
  CHECK(fault<ConsumerStatus>(R"({"messageQueueTable":{"no queue":1}})") != "");
  CHECK(fault<CommittedOffsets>(R"({"offsetTable":{"t@g":{"first":1}}})").find("first") !=
        std::string::npos);
  CHECK(fault<GroupConfigList>(R"({"groupConfigList":[{"retryMaxTimes":"x"}]})").find("x") !=
        std::string::npos);
}

TEST_CASE("a reset's offsets are written as the C++ client's list") {
  QueueOffsetTable table;
  table.offsets[{"t", "b", 1}] = 5;
  const std::string text = write_offset_list(table);
  CHECK(text == R"({"offsetTable":[{"brokerName":"b","offset":5,"queueId":1,"topic":"t"}]})");
  CHECK(read_body<QueueOffsetTable>(text).value() == table);
}

}  // namespace gantry::protocol
