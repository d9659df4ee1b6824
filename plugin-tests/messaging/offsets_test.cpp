// Codes 14, 15, 30, 31, and how offsets outlive the module.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

fake::Fields of(const std::string& group, const std::string& topic, int queue,
                Overrides more = {}) {
  fake::Fields fields = {
      {"consumerGroup", group}, {"topic", topic}, {"queueId", std::to_string(queue)}};
  for (auto& field : more) {
    std::erase_if(fields, [&](const auto& one) { return one.first == field.first; });
    if (field.second != absent) fields.push_back(field);
  }
  return fields;
}

// A topic with one message in queue 0, and a group.
void prepare(Rig& rig) {
  REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
  REQUIRE(rig.ask(34, {}, heartbeat({})).code == 0);
}

// Nine more: what a group may stand at.
void fill(Rig& rig) {
  for (int i = 0; i < 9; ++i) REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
}

void commit(Rig& rig, int queue, int64_t offset) {
  REQUIRE(rig.ask(15, of("G", "T", queue, {{"commitOffset", std::to_string(offset)}})).code == 0);
}

}  // namespace

TEST_CASE("what a group commits is what it gets back, also a smaller one") {
  Rig rig;
  prepare(rig);
  commit(rig, 0, 5);
  CHECK(rig.ask(14, of("G", "T", 0)).field("offset") == "5");
  commit(rig, 0, 3);
  CHECK(rig.ask(14, of("G", "T", 0)).field("offset") == "3");
  CHECK(rig.ask(14, of("G", "T", 1)).code == code::query_not_found);
  commit(rig, 77, 1);  // as with RocketMQ: a queue the topic had once may still be drained
  CHECK(rig.ask(14, of("G", "T", 77)).field("offset") == "1");
}

TEST_CASE("commits to queues no topic can have are answered 0 and forgotten") {
  Rig rig;
  prepare(rig);
  commit(rig, 2'000'000, 1);
  commit(rig, -1, 1);
  CHECK(rig.ask(14, of("G", "T", 2'000'000)).code == code::query_not_found);
  CHECK(rig.ask(14, of("G", "T", -1)).code == code::query_not_found);
}

TEST_CASE("a commit is refused in RocketMQ's order") {
  Rig rig;
  prepare(rig);
  const auto refused = [&](fake::Fields fields, int32_t code, const std::string& remark) {
    const auto answer = rig.ask(15, std::move(fields));
    CHECK(answer.code == code);
    CHECK_THAT(answer.remark, Catch::Contains(remark));
  };
  refused(of("Nobody", "Nothing", 0), 26, "Group Nobody not exist!");
  refused(of("G", "Nothing", 0), 17, "Topic Nothing not exist!");
  refused(of("G", "T", 0, {{"queueId", absent}}), 29, "QueueId is null, topic is T");
  refused(of("G", "T", 0), 29, "Offset is null, topic is T");
  refused(of("G", "T", 0, {{"commitOffset", "far"}}), 1, "far");
  refused(of("G", "T", 0, {{"queueId", "x"}}), 1, "queueId");
  refused({}, 1, "consumerGroup");
}

TEST_CASE("a new group starts at 0 where the queue's head is still in memory") {
  Rig rig;
  prepare(rig);
  const auto answer = rig.ask(14, of("New", "T", 0));
  CHECK(answer.code == code::success);
  CHECK(answer.field("offset") == "0");
  SECTION("unless it does not want to") {
    const auto no = rig.ask(14, of("New", "T", 0, {{"setZeroIfNotFound", "false"}}));
    CHECK(no.code == code::query_not_found);
    CHECK(no.remark == "Not found, do not set to zero, maybe this group boot first");
    CHECK(rig.ask(14, of("New", "T", 0, {{"setZeroIfNotFound", "true"}})).code == 0);
  }
  SECTION("an empty queue has no head") {
    const auto no = rig.ask(14, of("New", "T", 1));
    CHECK(no.code == code::query_not_found);
    CHECK(no.remark == "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
  }
  SECTION("a queue that lost its head neither") {
    REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
    rig.index.trimmed["T"] = 1;
    CHECK(rig.ask(14, of("New", "T", 0)).code == code::query_not_found);
  }
  SECTION("an index that must read the disk is asked on a worker") {
    rig.index.cold = true;
    CHECK(rig.ask(14, of("New", "T", 0)).field("offset") == "0");
  }
}

TEST_CASE("a head that is out of memory makes no start") {
  Rig rig({.settings = {{"memory_percent", 0}}});
  prepare(rig);
  CHECK(rig.ask(14, of("New", "T", 0)).code == code::query_not_found);
}

TEST_CASE("a queue's edges are the index's, 0 for what is not there") {
  Rig rig;
  prepare(rig);
  REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
  rig.index.trimmed["T"] = 1;
  const auto edge = [&](int32_t code, const std::string& topic, const std::string& queue) {
    return rig.ask(code, {{"topic", topic}, {"queueId", queue}}).field("offset");
  };
  CHECK(edge(30, "T", "0") == "2");
  CHECK(edge(31, "T", "0") == "1");
  CHECK(edge(30, "T", "99") == "0");
  CHECK(edge(31, "Nothing", "0") == "0");
  CHECK(rig.ask(30, {{"topic", "T"}, {"queueId", "x"}}).code == code::system_error);
  CHECK(rig.ask(31, {{"topic", "T"}}).code == code::system_error);
}

TEST_CASE("offsets are stored each second, at once and only those that changed") {
  Rig rig;
  prepare(rig);
  commit(rig, 0, 5);
  commit(rig, 1, 6);
  CHECK(rig.metadata.table("offsets").empty());
  const int at_once = rig.metadata.now_writes();
  rig.host.advance_ms(1000);
  CHECK(rig.metadata.now_writes() == at_once + 1);
  const auto stored = rig.metadata.table("offsets");
  REQUIRE(stored.size() == 2);
  const std::string key("G\0T\0\0\0\0\1", 8);
  REQUIRE(stored.contains(key));
  CHECK(stored.at(key) == std::string("\6\0\0\0\0\0\0\0", 8));
  const int writes = rig.metadata.writes();
  rig.host.advance_ms(5000);
  CHECK(rig.metadata.writes() == writes);
  commit(rig, 0, 5);  // the same again
  rig.host.advance_ms(1000);
  CHECK(rig.metadata.writes() == writes);
}

TEST_CASE("offsets that could not be stored are tried again") {
  Rig rig;
  prepare(rig);
  commit(rig, 0, 5);
  rig.metadata.fail_next_write("disk full");
  rig.host.advance_ms(1000);
  CHECK(rig.host.logged("consumer offsets are not stored"));
  CHECK(rig.metadata.table("offsets").empty());
  rig.host.advance_ms(1000);
  CHECK(rig.metadata.table("offsets").size() == 1);
}

TEST_CASE("a slow store gets one flush at a time") {
  Rig rig;
  prepare(rig);
  rig.metadata.hold();
  commit(rig, 0, 5);
  rig.host.advance_ms(1000);
  commit(rig, 0, 6);
  rig.host.advance_ms(3000);
  CHECK(rig.metadata.held() == 1);
  rig.metadata.release();
  rig.host.advance_ms(1000);
  CHECK(rig.metadata.table("offsets").begin()->second[0] == 6);
}

TEST_CASE("offsets survive a stop, and a kill up to the last flush") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    prepare(rig);
    fill(rig);
    commit(rig, 0, 5);
  }
  {
    Rig rig({}, &log, &metadata);
    CHECK(rig.ask(14, of("G", "T", 0)).field("offset") == "5");
    commit(rig, 0, 7);
    rig.host.advance_ms(1000);
    commit(rig, 0, 9);
    rig.host.kill();
  }
  metadata.put("offsets", "damaged", "x");
  Rig rig({}, &log, &metadata);
  CHECK(rig.ask(14, of("G", "T", 0)).field("offset") == "7");
}

TEST_CASE("a stop during a flush stores what came after it") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    prepare(rig);
    fill(rig);
    metadata.hold();
    commit(rig, 0, 5);
    rig.host.advance_ms(1000);
    commit(rig, 0, 6);
  }
  Rig rig({}, &log, &metadata);
  CHECK(rig.ask(14, of("G", "T", 0)).field("offset") == "6");
}
