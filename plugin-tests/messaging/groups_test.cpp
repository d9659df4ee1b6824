// Codes 200, 201, 207, 225, 352: configuration of groups.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
using gantry::protocol::SubscriptionGroupTable;

namespace {

std::string config(const std::string& name, const std::string& more = "") {
  return R"({"groupName":")" + name + "\"" + more + "}";
}

std::string stored(Rig& rig, const std::string& name) {
  return rig.ask(352, {{"group", name}}).body;
}

SubscriptionGroupTable table(const fake::Answer& answer) {
  return gantry::protocol::read_body<SubscriptionGroupTable>(answer.body).value();
}

}  // namespace

TEST_CASE(
    "a group is made and changed as a whole, durable before it is answered, kept by a restart") {
  fake::Log log;
  fake::MetadataStore metadata;
  std::string before;
  {
    Rig rig({.settings = {{"auto_create_groups", false}}}, &log, &metadata);
    metadata.hold();
    const auto made = rig.send(200, {},
                               config("G", R"(,"retryMaxTimes":3,"retryQueueNums":2,)"
                                           R"("groupRetryPolicy":{"type":"EXPONENTIAL"})"));
    CHECK_FALSE(made->answer);
    CHECK(rig.ask(352, {{"group", "G"}}).code == code::subscription_group_not_exist);
    metadata.release();
    rig.host.run_until_idle();
    REQUIRE(made->answer);
    CHECK(made->answer->code == code::success);
    before = stored(rig, "G");
    CHECK_THAT(before, Catch::Contains(R"("retryMaxTimes":3,"retryQueueNums":2)") &&
                           Catch::Contains(R"("groupRetryPolicy":{"type":"EXPONENTIAL"})"));
    const int writes = metadata.writes();
    CHECK(rig.ask(200, {}, before).code == code::success);
    CHECK(metadata.writes() == writes);  // nothing changed
  }
  Rig again({.settings = {{"auto_create_groups", false}}}, &log, &metadata);
  CHECK(stored(again, "G") == before);
  CHECK(again.ask(200, {}, config("G")).code == code::success);
  CHECK_THAT(stored(again, "G"), Catch::Contains(R"("retryMaxTimes":16,"retryQueueNums":1)"));
}

TEST_CASE("a group that cannot be stored is answered 1 and is not there") {
  Rig rig({.settings = {{"auto_create_groups", false}}});
  rig.metadata.fail_next_write("disk full");
  const auto answer = rig.ask(200, {}, config("G"));
  CHECK(answer.code == code::system_error);
  CHECK_THAT(answer.remark, Catch::Contains("disk full"));
  CHECK(rig.ask(352, {{"group", "G"}}).code == code::subscription_group_not_exist);
}

TEST_CASE("a configuration that makes no sense names the field and the value") {
  Rig rig;
  const auto refused = [&](const std::string& body, int32_t code, const std::string& remark) {
    for (const int32_t what : {200, 225}) {
      const auto answer =
          rig.ask(what, {}, what == 200 ? body : R"({"groupConfigList":[)" + body + "]}");
      CHECK(answer.code == code);
      CHECK_THAT(answer.remark, Catch::Contains(remark));
    }
  };
  refused(config("a.b"), code::invalid_parameter, "a.b");
  refused(config(""), code::invalid_parameter, "blank");
  refused(config("G", R"(,"retryQueueNums":-1)"), code::invalid_parameter, "retryQueueNums: -1");
  refused(config("G", R"(,"retryQueueNums":99999)"), code::invalid_parameter,
          "retryQueueNums: 99999");
  refused(config("G", R"(,"retryMaxTimes":-2)"), code::invalid_parameter, "retryMaxTimes: -2");
  refused(config("G", R"(,"attributes":{"+priority.factor":"1"})"), code::invalid_parameter,
          "+priority.factor");
  refused(config("G", R"(,"retryMaxTimes":"many")"), code::system_error, "many");
  refused("nonsense", code::system_error, "byte");
  CHECK(rig.ask(200, {}, "").code == code::system_error);
  CHECK(rig.metadata.writes() == 0);
}

TEST_CASE("a list of groups is made all or none") {
  Rig rig({.settings = {{"auto_create_groups", false}}});
  CHECK(
      rig.ask(225, {}, R"({"groupConfigList":[)" + config("A") + "," + config("a.b") + "]}").code ==
      code::invalid_parameter);
  CHECK(rig.ask(352, {{"group", "A"}}).code == code::subscription_group_not_exist);
  CHECK(rig.ask(225, {}, R"({"groupConfigList":[)" + config("A") + "," + config("B") + "]}").code ==
        code::success);
  CHECK(rig.metadata.get("groups", "A").has_value());
  CHECK(rig.metadata.get("groups", "B").has_value());
}

TEST_CASE("a deleted group is gone for good, with its offsets when that is asked") {
  const bool clean = GENERATE(false, true);
  fake::Log log;
  fake::MetadataStore metadata;
  const fake::Fields place = {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}};
  const fake::Fields query = {
      {"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"setZeroIfNotFound", "false"}};
  {
    Rig rig({.settings = {{"auto_create_groups", false}}}, &log, &metadata);
    rig.ask(310, send_v2("T"), "x");
    rig.ask(200, {}, config("G"));
    fake::Fields commit = place;
    commit.emplace_back("commitOffset", "1");
    REQUIRE(rig.ask(15, commit).code == 0);
    rig.host.advance_ms(2'000);
    const auto gone = rig.ask(207, {{"groupName", "G"}, {"cleanOffset", clean ? "true" : "false"}});
    CHECK(gone.code == code::success);
    CHECK(rig.ask(352, {{"group", "G"}}).code == code::subscription_group_not_exist);
    CHECK_FALSE(metadata.get("groups", "G").has_value());
    rig.host.run_until_idle();
  }
  Rig again({.settings = {{"auto_create_groups", false}}}, &log, &metadata);
  CHECK(again.ask(352, {{"group", "G"}}).code == code::subscription_group_not_exist);
  CHECK(again.ask(14, query).code == (clean ? code::query_not_found : code::success));
  CHECK(again.ask(207, {{"groupName", "Nobody"}}).code == code::success);
  CHECK_THAT(again.ask(207, {}).remark, Catch::Contains("groupName"));
}

TEST_CASE("offsets that could not be erased are erased by a later flush") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    rig.ask(310, send_v2("T"), "x");
    rig.ask(200, {}, config("G"));
    rig.ask(15, {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"commitOffset", "1"}});
    rig.host.advance_ms(2'000);
    rig.ask(207, {{"groupName", "G"}});
    metadata.fail_next_write("disk full");
    rig.ask(207, {{"groupName", "G"}, {"cleanOffset", "true"}});
    rig.host.advance_ms(2'000);
  }
  Rig again({}, &log, &metadata);
  CHECK(again
            .ask(14, {{"consumerGroup", "G"},
                      {"topic", "T"},
                      {"queueId", "0"},
                      {"setZeroIfNotFound", "false"}})
            .code == code::query_not_found);
}

TEST_CASE("a group made while its name is being deleted waits for the end of that") {
  Rig rig;
  rig.ask(200, {}, config("G", R"(,"retryMaxTimes":3)"));
  rig.metadata.hold();
  const auto gone = rig.send(207, {{"groupName", "G"}});
  const auto beat = rig.send(34, {}, heartbeat({}), 2);
  CHECK_FALSE(gone->answer);
  CHECK_FALSE(beat->answer);
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(gone->answer);
  REQUIRE(beat->answer);
  CHECK(beat->answer->code == code::success);
  CHECK_THAT(stored(rig, "G"), Catch::Contains(R"("retryMaxTimes":16)"));
}

TEST_CASE("groups are listed whole, or in pages of one version of the table") {
  Rig rig;
  for (const char* name : {"C", "A", "B"}) REQUIRE(rig.ask(200, {}, config(name)).code == 0);
  const auto whole = rig.ask(201, {});
  CHECK(whole.field("totalGroupNum") == "3");
  CHECK(table(whole).groups.size() == 3);
  const std::string version = gantry::protocol::write_body(table(whole).data_version);
  const auto page = [&](const std::string& seq, const std::string& most, const std::string& of) {
    std::string names;
    const auto answer =
        rig.ask(201, {{"groupSeq", seq}, {"maxGroupNum", most}, {"dataVersion", of}});
    CHECK(answer.field("totalGroupNum") == "3");
    for (const auto& [name, group] : table(answer).groups) names += name;
    return names;
  };
  CHECK(page("0", "2", "") == "AB");
  CHECK(page("2", "2", version) == "C");
  CHECK(page("7", "2", version).empty());
  CHECK(page("2", "2", "") == "AB");  // another version starts over
  CHECK(page("-1", "0", version) == "A");
  rig.ask(200, {}, config("D"));
  rig.ask(207, {{"groupName", "D"}});
  CHECK(page("2", "2", version) == "AB");
  CHECK_THAT(rig.ask(201, {{"groupSeq", "x"}}).remark, Catch::Contains("groupSeq"));
}

TEST_CASE("a group asked for that is not there is made where groups make themselves") {
  Rig rig;
  CHECK_THAT(stored(rig, "New"), Catch::Contains(R"("groupName":"New")"));
  CHECK(rig.metadata.get("groups", "New").has_value());
  CHECK(rig.ask(352, {{"group", "a.b"}}).code == code::subscription_group_not_exist);
}

TEST_CASE("a disabled group pulls nothing, and the retry topic has the queues its group asks for") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  REQUIRE(rig.ask(200, {}, config("G", R"(,"retryQueueNums":3)")).code == 0);
  REQUIRE(rig.ask(34, {}, heartbeat({})).code == 0);
  CHECK_THAT(rig.ask(351, {{"topic", "%RETRY%G"}}).body, Catch::Contains(R"("readQueueNums":3)"));
  CHECK(rig.ask(11, pull("T", 0, 0)).code == code::success);
  REQUIRE(rig.ask(200, {}, config("G", R"(,"consumeEnable":false)")).code == 0);
  const auto refused = rig.ask(11, pull("T", 0, 0));
  CHECK(refused.code == code::no_permission);
  CHECK(refused.field("forbiddenType") == "2");
}
