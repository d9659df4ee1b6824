// Topics bound to one type of messages: which sends they take.
#include <catch2/catch.hpp>

#include "cpp/values.hpp"
#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace sdk = gantry::sdk;

namespace {

void make(Rig& rig, const std::string& topic, const std::string& type) {
  REQUIRE(rig.ask(17, {{"topic", topic},
                       {"readQueueNums", "1"},
                       {"writeQueueNums", "1"},
                       {"perm", "6"},
                       {"attributes", "+message.type=" + type}})
              .code == code::success);
}

fake::Answer send(Rig& rig, const std::string& topic, Overrides pairs) {
  return rig.ask(310, send_v2(topic, {{"e", "0"}, {"i", properties(std::move(pairs))}}), "x");
}

void mismatch(const fake::Answer& answer, const std::string& expected, const std::string& actual) {
  CHECK(answer.code == code::message_illegal);
  CHECK_THAT(answer.remark,
             Catch::StartsWith("TopicMessageType validate failed, the expected type is " +
                               expected + ", but actual type is " + actual));
}

}  // namespace

TEST_CASE("a topic with a message type takes messages of that type only") {
  Rig rig;
  make(rig, "Normal", "NORMAL");
  make(rig, "Fifo", "FIFO");
  CHECK(send(rig, "Normal", {{"KEYS", "k"}}).code == code::success);
  CHECK(send(rig, "Fifo", {{"__SHARDINGKEY", "s"}}).code == code::success);
  CHECK(send(rig, "Fifo", {{"SHARDING_KEY", "s"}}).code == code::success);  // Go's name
  const int64_t end = rig.log.end();
  mismatch(send(rig, "Fifo", {{"DELAY", "3"}}), "FIFO", "DELAY");
  CHECK_THAT(send(rig, "Fifo", {{"DELAY", "3"}}).remark,
             Catch::Contains("topic[Fifo] has the attribute message.type=FIFO"));
  mismatch(send(rig, "Normal", {{"__SHARDINGKEY", "s"}}), "NORMAL", "FIFO");
  mismatch(send(rig, "Normal", {{"DELAY", "3"}}), "NORMAL", "DELAY");
  mismatch(send(rig, "Normal", {{"TIMER_DELAY_SEC", "3"}}), "NORMAL", "DELAY");
  mismatch(send(rig, "Normal", {{"TIMER_DELAY_MS", "3"}}), "NORMAL", "DELAY");
  mismatch(send(rig, "Normal", {{"TIMER_DELIVER_MS", "3"}}), "NORMAL", "DELAY");
  mismatch(send(rig, "Normal", {{"TRAN_MSG", "true"}}), "NORMAL", "TRANSACTION");
  mismatch(send(rig, "Normal", {{"_SYS_MSG_PRIORITY_", "3"}}), "NORMAL", "PRIORITY");
  mismatch(send(rig, "Normal", {{"__LITE_TOPIC", "l"}}), "NORMAL", "LITE");
  CHECK(rig.log.end() == end);
}

TEST_CASE("a FIFO topic takes messages without a mark: remoting clients order by choosing the queue") {
  Rig rig;
  make(rig, "Fifo", "FIFO");
  CHECK(send(rig, "Fifo", {}).code == code::success);
  CHECK(send(rig, "Fifo", {{"KEYS", "k"}}).code == code::success);
}

TEST_CASE("of several properties the transaction's counts, then the delay's") {
  Rig rig;
  make(rig, "Fifo", "FIFO");
  mismatch(send(rig, "Fifo", {{"__SHARDINGKEY", "s"}, {"TRAN_MSG", "true"}, {"DELAY", "1"}}),
           "FIFO", "TRANSACTION");
  mismatch(send(rig, "Fifo", {{"DELAY", "1"}, {"__SHARDINGKEY", "s"}, {"TRAN_MSG", "false"}}),
           "FIFO", "DELAY");
  CHECK(send(rig, "Fifo", {{"_SYS_MSG_PRIORITY_", "1"}, {"__SHARDINGKEY", "s"}}).code ==
        code::success);
}

TEST_CASE("a message of the topic's type goes on to whoever serves it") {
  Rig rig;
  make(rig, "Delayed", "DELAY");
  make(rig, "Halves", "TRANSACTION");
  mismatch(send(rig, "Delayed", {}), "DELAY", "NORMAL");
  mismatch(send(rig, "Halves", {{"TRAN_MSG", "false"}}), "TRANSACTION", "NORMAL");
  CHECK_THAT(send(rig, "Delayed", {{"DELAY", "3"}}).remark, Catch::Contains("asks for a delay"));
  CHECK_THAT(send(rig, "Halves", {{"TRAN_MSG", "true"}}).remark,
             Catch::Contains("asks for a transaction"));
}

TEST_CASE("a topic without a type takes all, from the moment it lost it") {
  Rig rig;
  make(rig, "T", "NORMAL");
  make(rig, "U", "UNSPECIFIED");
  mismatch(send(rig, "T", {{"__SHARDINGKEY", "s"}}), "NORMAL", "FIFO");
  REQUIRE(rig.ask(17, {{"topic", "T"},
                       {"readQueueNums", "1"},
                       {"writeQueueNums", "1"},
                       {"perm", "6"},
                       {"attributes", "-message.type"}})
              .code == code::success);
  CHECK(send(rig, "T", {}).code == code::success);
  CHECK(send(rig, "T", {{"__SHARDINGKEY", "s"}}).code == code::success);
  CHECK(send(rig, "U", {}).code == code::success);
  CHECK(send(rig, "U", {{"__SHARDINGKEY", "s"}}).code == code::success);
}

TEST_CASE("each message of a batch has the topic's type, or none is stored") {
  Rig rig;
  make(rig, "Fifo", "FIFO");
  const std::string in_order = properties({{"__SHARDINGKEY", "s"}});
  const std::string delayed = properties({{"DELAY", "2"}});
  std::string good;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(gantry::protocol::append_batch_item(good, {0, "x", in_order}).has_value());
  }
  std::string bad = good;
  REQUIRE(gantry::protocol::append_batch_item(bad, {0, "x", delayed}).has_value());
  const auto batch = [&](const std::string& body) {
    return rig.ask(320, send_v2("Fifo", {{"e", "0"}, {"m", "true"}}), body);
  };
  CHECK(batch(good).code == code::success);
  const int64_t end = rig.log.end();
  mismatch(batch(bad), "FIFO", "DELAY");
  CHECK(rig.log.end() == end);
}

TEST_CASE("what comes again and what comes from another cluster is not judged") {
  Rig rig;
  make(rig, "Normal", "NORMAL");
  CHECK(send(rig, "Normal", {{"TRANSFER_FLAG", "true"}, {"__SHARDINGKEY", "s"}}).code ==
        code::success);
  make(rig, "%RETRY%G1", "NORMAL");
  CHECK(send(rig, "%RETRY%G1", {{"__SHARDINGKEY", "s"}}).code == code::success);
}

TEST_CASE("a broker that is told not to check types takes all") {
  Rig rig({.settings = {{"message_type_check", false}}});
  make(rig, "Normal", "NORMAL");
  CHECK(send(rig, "Normal", {{"__SHARDINGKEY", "s"}}).code == code::success);
}
