// Code 11: the checks in their order, RocketMQ's offset cases, limits, and long polling.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void fill(Rig& rig, int count, const std::string& topic = "T", size_t bytes = 10) {
  for (int i = 0; i < count; ++i) {
    REQUIRE(rig.ask(310, send_v2(topic), std::string(bytes, 'x')).code == code::success);
  }
}

void check(const fake::Answer& answer, int32_t code, const std::string& name, int64_t next,
           int64_t min, int64_t max) {
  CHECK(answer.code == code);
  CHECK(answer.remark == name);
  CHECK(answer.field("nextBeginOffset") == std::to_string(next));
  CHECK(answer.field("minOffset") == std::to_string(min));
  CHECK(answer.field("maxOffset") == std::to_string(max));
  CHECK(answer.field("suggestWhichBrokerId") == "0");
  CHECK(answer.field("topicSysFlag") == "0");
  CHECK(answer.field("groupSysFlag") == "0");
}

void check_refused(const fake::Answer& answer, int32_t code, const std::string& remark,
                   std::optional<std::string> forbidden = std::nullopt) {
  CHECK(answer.code == code);
  CHECK_THAT(answer.remark, Catch::Contains(remark));
  CHECK(answer.field("forbiddenType") == forbidden);
}

size_t count(const fake::Answer& answer) {
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  return records->size();
}

}  // namespace

TEST_CASE("a pull gives records as they are in the log") {
  Rig rig;
  fill(rig, 3);
  const auto answer = rig.ask(11, pull("T", 0, 1));
  check(answer, code::success, "FOUND", 3, 0, 3);
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  REQUIRE(records->size() == 2);
  CHECK((*records)[0].queue_offset == 1);
  CHECK((*records)[1].topic == "T");
  const auto log = rig.log.bytes((*records)[0].log_offset, rig.log.end());
  CHECK(answer.body == std::string(log.begin(), log.end()));
}

TEST_CASE("a pull says which of the offset cases it is") {
  Rig rig;
  fill(rig, 10);
  check(rig.ask(11, pull("T", 0, 10)), 19, "OFFSET_OVERFLOW_ONE", 10, 0, 10);
  check(rig.ask(11, pull("T", 0, 1000)), 21, "OFFSET_OVERFLOW_BADLY", 10, 0, 10);
  check(rig.ask(11, pull("T", 0, -5)), 21, "OFFSET_TOO_SMALL", 0, 0, 10);
  check(rig.ask(11, pull("T", 1, 0)), 19, "NO_MESSAGE_IN_QUEUE", 0, 0, 0);
  check(rig.ask(11, pull("T", 1, 5)), 21, "NO_MESSAGE_IN_QUEUE", 0, 0, 0);
  rig.index.trimmed["T"] = 4;
  check(rig.ask(11, pull("T", 0, 3)), 21, "OFFSET_TOO_SMALL", 4, 4, 10);
  check(rig.ask(11, pull("T", 0, 4)), 0, "FOUND", 10, 4, 10);
}

TEST_CASE("records the log gave up are skipped") {
  Rig rig;
  fill(rig, 4);
  rig.index.freeze("T", 0);
  rig.log.trim(rig.log.records(0, rig.log.end())[2].log_offset);
  const auto answer = rig.ask(11, pull("T", 0, 0));
  check(answer, 0, "FOUND", 4, 0, 4);
  CHECK(count(answer) == 2);
  rig.log.trim(rig.log.end());
  check(rig.ask(11, pull("T", 0, 2)), 20, "MESSAGE_WAS_REMOVING", 4, 0, 4);
}

TEST_CASE("a pull gives no more than it may, and one record always") {
  SECTION("what the client asks") {
    Rig rig;
    fill(rig, 5);
    const auto answer = rig.ask(11, pull("T", 0, 0, {{"maxMsgNums", "2"}}));
    check(answer, 0, "FOUND", 2, 0, 5);
    CHECK(count(answer) == 2);
    CHECK(count(rig.ask(11, pull("T", 0, 0, {{"maxMsgNums", "0"}}))) == 1);
    CHECK(count(rig.ask(11, pull("T", 0, 0, {{"maxMsgNums", "-7"}}))) == 1);
    CHECK(count(rig.ask(11, pull("T", 0, 0, {{"maxMsgNums", "2147483647"}}))) == 5);
  }
  SECTION("32 messages from memory") {
    Rig rig;
    fill(rig, 40);
    CHECK(count(rig.ask(11, pull("T", 0, 0, {{"maxMsgNums", "100"}}))) == 32);
  }
  SECTION("256 KiB from memory") {
    Rig rig;
    fill(rig, 4, "T", 100'000);
    const auto answer = rig.ask(11, pull("T", 0, 0));
    CHECK(count(answer) == 2);
    CHECK(answer.field("nextBeginOffset") == "2");
  }
  SECTION("8 messages from disk") {
    Rig rig({.settings = {{"memory_percent", 0}}});
    fill(rig, 10);
    CHECK(count(rig.ask(11, pull("T", 0, 0))) == 8);
  }
  SECTION("64 KiB from disk, but a large one goes") {
    Rig rig({.settings = {{"memory_percent", 0}}});
    fill(rig, 2, "T", 100'000);
    CHECK(count(rig.ask(11, pull("T", 0, 0))) == 1);
  }
}

TEST_CASE("a pull that reads the disk goes on in a worker") {
  Rig rig;
  fill(rig, 3);
  SECTION("the log is cold") {
    rig.log.make_cold_below(rig.log.end());
  }
  SECTION("the index is cold") {
    rig.index.cold = true;
  }
  const auto answer = rig.ask(11, pull("T", 0, 0));
  check(answer, 0, "FOUND", 3, 0, 3);
  CHECK(count(answer) == 3);
}

TEST_CASE("only what is resident is given when the rest is cold") {
  Rig rig;
  fill(rig, 3);
  rig.log.make_cold_below(rig.log.records(0, rig.log.end())[1].log_offset);
  CHECK(count(rig.ask(11, pull("T", 0, 1))) == 2);
}

TEST_CASE("a pull is refused for its group, topic and queue in RocketMQ's order") {
  Rig rig({.settings = {{"auto_create_groups", false}}});
  fill(rig, 1);
  check_refused(rig.ask(11, pull("Nothing", 99, 0, {{"consumerGroup", "bad.group"}})), 26,
                "subscription group [bad.group] does not exist, \nSee ");
  check_refused(rig.ask(11, pull("T", 0, 0)), 26, "subscription group [G] does not exist");
}

TEST_CASE("a pull is refused for what its topic says") {
  Rig rig;
  fill(rig, 1);
  check_refused(rig.ask(11, pull("T", 0, 0, {{"consumerGroup", "bad.group"}})), 26, "bad.group");
  check_refused(rig.ask(11, pull("Nothing", 0, 0)), 17,
                "topic[Nothing] not exist, apply first please! \nSee ");
  check_refused(rig.ask(11, pull("T", 4, 0)), 29,
                "queueId[4] is illegal, topic:[T] topicConfig.readQueueNums:[4] "
                "consumer:[/127.0.0.1:50000]");
  check_refused(rig.ask(11, pull("T", -1, 0)), 29, "queueId[-1]");
  REQUIRE(
      rig.ask(17, {{"topic", "W"}, {"readQueueNums", "1"}, {"writeQueueNums", "1"}, {"perm", "2"}})
          .code == 0);
  check_refused(rig.ask(11, pull("W", 0, 0)), 16, "the topic[W] pulling message is forbidden", "3");
}

TEST_CASE("an expression whose module is not there is refused by its name") {
  Rig rig({.tag_filter = false});
  fill(rig, 1);
  const auto with = [&](const char* type, const char* expression) {
    return rig.ask(11, pull("T", 0, 0, {{"expressionType", type}, {"subscription", expression}}));
  };
  const std::string by = "The broker does not support consumer to filter message by ";
  check_refused(with("TAG", "A"), 1, by + "TAG: it has no module for it, as filter_tag would be");
  check_refused(with("SQL92", "a = 5"), 1, "as filter_sql92 would be");
  check_refused(with("LUA", "x"), 1, "as filter_lua would be");
  check_refused(with("a b", "x"), 1, by + "a b: no module offers it");
  check_refused(with("SQL92", absent.c_str()), 23, "parse the consumer's subscription failed");
  CHECK(with("TAG", "").code == 0);
  CHECK(with(absent.c_str(), "*").code == 0);
}

TEST_CASE("a pull without an expression goes by the heartbeats") {
  Rig rig;
  fill(rig, 1);
  const auto by_beat = [&](Overrides overrides = {}) {
    overrides.emplace_back("sysFlag", "0");
    overrides.emplace_back("subscription", absent);
    return rig.ask(11, pull("T", 0, 0, overrides));
  };
  check_refused(by_beat(), 24, "the consumer's group info not exist\nSee ");
  rig.ask(34, {}, heartbeat({.topics = {"Other"}}));
  check_refused(by_beat(), 24, "the consumer's subscription not exist\nSee ");
  rig.ask(34, {}, heartbeat({.topics = {"T"}, .version = 5}));
  CHECK(by_beat({{"subVersion", "5"}}).code == 0);
  CHECK(by_beat({{"subVersion", "4"}}).code == 0);
  check_refused(by_beat({{"subVersion", "6"}}), 25, "the consumer's subscription not latest");
  rig.ask(34, {}, heartbeat({.topics = {"T"}, .version = 6, .expression = "TagA"}));
  CHECK(by_beat().code == 20);
  rig.ask(34, {},
          heartbeat({.topics = {"T"}, .version = 7, .expression = "a > 1", .type = "SQL92"}));
  check_refused(by_beat(), 1, "filter message by SQL92");
}

TEST_CASE("malformed numbers of a pull are answered 1 with name and value") {
  Rig rig;
  fill(rig, 1);
  for (const char* field : {"queueId", "queueOffset", "maxMsgNums", "sysFlag", "commitOffset",
                            "suspendTimeoutMillis", "subVersion"}) {
    const auto answer = rig.ask(11, pull("T", 0, 0, {{field, "many"}}));
    check_refused(answer, 1, field);
    CHECK_THAT(answer.remark, Catch::Contains("many"));
  }
  check_refused(rig.ask(11, {}), 1, "consumerGroup");
}

TEST_CASE("a pull at the end is held until a record comes") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  fill(rig, 2);
  // Sessions 2 and 3 live on different shards when there are two.
  const auto held = rig.send(11, held_pull("T", 0, 2, 15'000), {}, 2);
  const auto other_queue = rig.send(11, held_pull("T", 1, 0, 15'000), {}, 3);
  rig.host.advance_ms(1000);
  CHECK_FALSE(held->answer);
  rig.ask(310, send_v2("T"), "new", 3);
  REQUIRE(held->answer);
  check(*held->answer, 0, "FOUND", 3, 0, 3);
  CHECK(count(*held->answer) == 1);
  CHECK_FALSE(other_queue->answer);
  rig.ask(310, send_v2("T", {{"e", "1"}}), "new", 2);
  REQUIRE(other_queue->answer);
  CHECK(other_queue->answer->code == 0);
}

TEST_CASE("one record wakes everybody who waits for its queue") {
  Rig rig;
  fill(rig, 1);
  std::vector<std::shared_ptr<const fake::Exchange>> held;
  for (gantry_session session = 1; session <= 20; ++session) {
    held.push_back(rig.send(11, held_pull("T", 0, 1, 15'000), {}, session));
  }
  rig.ask(310, send_v2("T"), "new", 100);
  for (const auto& one : held) {
    REQUIRE(one->answer);
    CHECK(one->answer->code == 0);
  }
}

TEST_CASE("a held pull whose time is up is answered 19, and not held again") {
  Rig rig;
  fill(rig, 1);
  const auto held = rig.send(11, held_pull("T", 0, 1, 1500));
  rig.host.advance_ms(1499);
  CHECK_FALSE(held->answer);
  rig.host.advance_ms(1);
  REQUIRE(held->answer);
  check(*held->answer, 19, "OFFSET_OVERFLOW_ONE", 1, 0, 1);
  rig.ask(310, send_v2("T"), "new");  // nothing of it is left that this could wake
  CHECK(rig.host.late_answers() == 0);
}

TEST_CASE("a record that comes between the look and the sleep is not slept through") {
  Rig rig;
  fill(rig, 1);
  // The second look at the bounds is the one after parking. The record is there by then and no
  // wake-up will come: it was drained on another shard just before this pull was listed.
  rig.index.before_bounds = [&] {
    rig.index.before_bounds = [&] { rig.index.repeat_last("T", 0); };
  };
  const auto held = rig.send(11, held_pull("T", 0, 1, 15'000));
  REQUIRE(held->answer);
  check(*held->answer, 0, "FOUND", 2, 0, 2);
}

TEST_CASE("pulls are held only as long as the broker likes, and only so many") {
  SECTION("time") {
    Rig rig({.settings = {{"pull_hold_ms_max", 1000}}});
    fill(rig, 1);
    const auto held = rig.send(11, held_pull("T", 0, 1, 1'000'000));
    rig.host.advance_ms(1000);
    CHECK(held->answer.has_value());
  }
  SECTION("number") {
    Rig rig({.settings = {{"pull_held_max", 2}}});
    fill(rig, 1);
    const auto first = rig.send(11, held_pull("T", 0, 1, 15'000));
    const auto second = rig.send(11, held_pull("T", 1, 0, 15'000));
    CHECK(rig.ask(11, held_pull("T", 2, 0, 15'000)).code == 19);
    CHECK_FALSE(first->answer);
    rig.ask(310, send_v2("T"), "new");
    CHECK(first->answer.has_value());
    const auto third = rig.send(11, held_pull("T", 2, 0, 15'000));
    CHECK_FALSE(third->answer);
  }
  SECTION("not without a time") {
    Rig rig;
    fill(rig, 1);
    CHECK(rig.ask(11, held_pull("T", 0, 1, 0)).code == 19);
  }
}

TEST_CASE("a client that goes takes its held pulls along") {
  Rig rig;
  fill(rig, 1);
  const auto held = rig.send(11, held_pull("T", 0, 1, 15'000), {}, 7);
  const auto other = rig.send(11, held_pull("T", 0, 1, 15'000), {}, 8);
  rig.host.close_session(7);
  rig.host.run_until_idle();
  CHECK(held->dropped);
  rig.ask(310, send_v2("T"), "new");
  CHECK(rig.host.late_answers() == 0);  // nobody was woken in vain
  CHECK(other->answer.has_value());
}

TEST_CASE("a group is made by its first pull, which may still be held and still commits") {
  Rig rig;
  fill(rig, 1);
  rig.metadata.hold();
  auto fields = held_pull("T", 0, 1, 15'000);
  for (auto& [key, value] : fields) {
    if (key == "sysFlag") value = "7";
    if (key == "commitOffset") value = "1";
  }
  const auto held = rig.send(11, fields);
  rig.metadata.release();
  rig.host.run_until_idle();
  CHECK(rig.metadata.get("groups", "G").has_value());
  CHECK_FALSE(held->answer);
  CHECK(rig.ask(14, {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}}).field("offset") ==
        "1");
  rig.ask(310, send_v2("T"), "new");
  REQUIRE(held->answer);
  CHECK(held->answer->code == 0);
}

TEST_CASE("a pull commits on first arrival only") {
  Rig rig;
  fill(rig, 3);
  const auto stored = [&] {
    return rig.ask(14, {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}}).field("offset");
  };
  auto fields = held_pull("T", 0, 3, 15'000);
  for (auto& [key, value] : fields) {
    if (key == "sysFlag") value = "7";
    if (key == "commitOffset") value = "2";
  }
  const auto held = rig.send(11, fields);
  CHECK(stored() == "2");
  REQUIRE(
      rig.ask(15, {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"commitOffset", "3"}})
          .code == 0);
  rig.ask(310, send_v2("T"), "new");
  REQUIRE(held->answer);
  CHECK(stored() == "3");
  // A pull that is refused commits nothing.
  rig.ask(11, pull("T", 9, 0, {{"sysFlag", "5"}, {"commitOffset", "1"}}));
  CHECK(stored() == "3");
}

TEST_CASE("nothing is read through an index that has stopped") {
  Rig rig;
  fill(rig, 1);
  // The bound offer is the test's own, so its refusal is that of a broken index.
  rig.index.before_bounds = [] { throw std::runtime_error("the index broke"); };
  check_refused(rig.ask(11, pull("T", 0, 0)), 1, "could not be read");
  CHECK(rig.ask(11, pull("T", 0, 0)).code == 0);
}
