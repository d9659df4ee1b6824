// Codes 43, 220, 222, 314: where groups stand, moved by operators; and what a start makes of it.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace protocol = gantry::protocol;

namespace {

fake::Fields place(int queue, Overrides more = {}) {
  fake::Fields fields = {
      {"consumerGroup", "G"}, {"topic", "T"}, {"queueId", std::to_string(queue)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

fake::Fields reset(Overrides more = {}) {
  fake::Fields fields = {{"group", "G"}, {"topic", "T"}, {"timestamp", "-1"}, {"isForce", "true"}};
  for (const auto& [key, value] : more) {
    std::erase_if(fields, [&](const auto& field) { return field.first == key; });
    if (value != absent) fields.emplace_back(key, value);
  }
  return fields;
}

// Topic T of two queues; queue 0 has three messages, 100 ms apart; the group stands at 1 of both.
int64_t prepare(Rig& rig) {
  REQUIRE(
      rig.ask(17, {{"topic", "T"}, {"readQueueNums", "2"}, {"writeQueueNums", "2"}, {"perm", "6"}})
          .code == 0);
  REQUIRE(rig.ask(200, {}, R"({"groupName":"G"})").code == 0);
  const int64_t first = rig.host.clock().now_ms();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
    rig.host.advance_ms(100);
  }
  REQUIRE(rig.ask(310, send_v2("T", {{"e", "1"}}), "x").code == 0);
  for (int queue = 0; queue < 2; ++queue) {
    REQUIRE(rig.ask(15, place(queue, {{"commitOffset", "1"}})).code == 0);
  }
  return first;
}

std::map<int32_t, int64_t> targets(const std::string& body) {
  std::map<int32_t, int64_t> out;
  const auto table = protocol::read_body<protocol::QueueOffsetTable>(body).value();
  for (const auto& [queue, offset] : table.offsets) {
    CHECK(queue.broker_name == "broker-a");
    out[queue.queue_id] = offset;
  }
  return out;
}
using Targets = std::map<int32_t, int64_t>;

}  // namespace

TEST_CASE("a group is reset by time, to a queue's end, or to an offset of one queue") {
  Rig rig;
  const int64_t first = prepare(rig);
  CHECK(targets(rig.ask(222, reset()).body) == Targets{{0, 3}, {1, 1}});
  CHECK(rig.ask(14, place(0)).field("offset") == "3");
  const auto by_time = rig.ask(222, reset({{"timestamp", std::to_string(first + 1)}}));
  CHECK(targets(by_time.body) == Targets{{0, 1}, {1, 0}});
  CHECK_THAT(by_time.body, Catch::Contains(R"({{"brokerName":)"));  // as Java and Go read it
  CHECK(targets(rig.ask(222, reset({{"queueId", "0"}, {"offset", "2"}})).body) == Targets{{0, 2}});
  CHECK(rig.ask(14, place(0)).field("offset") == "2");
  CHECK(rig.ask(14, place(1)).field("offset") == "0");
}

TEST_CASE("a reset that cannot be is refused with the code and the reason") {
  Rig rig;
  prepare(rig);
  const auto refused = [&](fake::Fields fields, int32_t code, const std::string& remark) {
    const auto answer = rig.ask(222, std::move(fields));
    CHECK(answer.code == code);
    CHECK_THAT(answer.remark, Catch::Contains(remark));
  };
  refused(reset({{"topic", "Nothing"}}), 17, "Topic Nothing does not exist");
  refused(reset({{"group", "Nobody"}}), 26, "Group Nobody does not exist");
  refused(reset({{"queueId", "2"}}), 29, "queueId: 2 is not below the topic's 2 queues");
  refused(reset({{"queueId", "0"}, {"offset", "5"}}), 1,
          "Target offset 5 not in consume queue range [0-3]");
  refused(reset({{"queueId", "0"}, {"offset", "-7"}}), 1, "Target offset -7");
  refused(reset({{"queueId", "0"}, {"offset", "9223372036854775807"}}), 1, "Target offset 92233");
  refused(reset({{"timestamp", absent}}), 1, "timestamp");
  refused(reset({{"timestamp", "soon"}}), 1, "soon");
  CHECK(rig.ask(14, place(0)).field("offset") == "1");
}

TEST_CASE("members hear of a reset with their next pull, once, and commit nothing until then") {
  Rig rig;
  prepare(rig);
  rig.ask(222, reset({{"queueId", "0"}, {"offset", "0"}}));
  const auto ignored = rig.ask(15, place(0, {{"commitOffset", "3"}}));
  CHECK(ignored.code == code::success);
  CHECK(ignored.remark == "Offset has been previously reset");
  CHECK(rig.ask(15, place(1, {{"commitOffset", "0"}})).remark.empty());
  // It also means to commit 3 (sysFlag 1).
  const auto told = rig.ask(11, pull("T", 0, 3, {{"sysFlag", "5"}, {"commitOffset", "3"}}));
  CHECK(told.code == code::pull_offset_moved);
  CHECK(told.remark == "OFFSET_RESET");
  CHECK(told.field("nextBeginOffset") == "0");
  CHECK(told.field("maxOffset") == "3");
  CHECK(rig.ask(14, place(0)).field("offset") == "0");
  CHECK(rig.ask(11, pull("T", 0, 0)).code == code::success);
  CHECK(rig.ask(15, place(0, {{"commitOffset", "2"}})).remark.empty());
  CHECK(rig.ask(14, place(0)).field("offset") == "2");
}

TEST_CASE("a held pull of a group that is reset is answered at once") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  prepare(rig);
  const auto held = rig.send(11, held_pull("T", 0, 3, 15'000));
  const auto other = rig.send(11, held_pull("T", 1, 1, 15'000), {}, 2);
  REQUIRE_FALSE(held->answer);
  rig.ask(222, reset({{"queueId", "0"}, {"offset", "1"}}), {}, 3);
  REQUIRE(held->answer);
  CHECK(held->answer->code == code::pull_offset_moved);
  CHECK(held->answer->field("nextBeginOffset") == "1");
  CHECK_FALSE(other->answer);
}

TEST_CASE("a reset is kept by a restart") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    prepare(rig);
    rig.host.advance_ms(2'000);
    rig.ask(222, reset({{"queueId", "0"}, {"offset", "3"}}));
    rig.host.run_until_idle();
    rig.host.kill();
  }
  Rig again({}, &log, &metadata);
  CHECK(again.ask(14, place(0)).field("offset") == "3");
}

TEST_CASE("members that reset themselves are told in the form their language reads") {
  Rig rig({.settings = {{"server_side_reset", false}}});
  prepare(rig);
  const auto offline = rig.ask(222, reset(), {}, 9);
  CHECK(offline.code == code::consumer_not_online);
  CHECK_THAT(offline.remark, Catch::StartsWith("Consumer not online, so can not reset offset"));
  const std::vector<std::pair<int32_t, bool>> languages = {
      {0, false}, {9, false}, {1, true}, {3, true}, {13, true}};  // Java, Go; C++, Python, Node.js
  gantry_session session = 20;
  for (const auto& [language, list] : languages) {
    fake::Request beat;
    beat.code = 34;
    beat.body = heartbeat({.client = "c" + std::to_string(language)});
    beat.session = ++session;
    beat.language = language;
    REQUIRE(rig.host.request("broker", beat).code == 0);
  }
  const size_t before = rig.host.pushes().size();
  const auto answer = rig.ask(222, reset({{"timestamp", "0"}, {"isForce", "false"}}));
  CHECK(targets(answer.body) == Targets{{0, 0}, {1, 0}});
  REQUIRE(rig.host.pushes().size() == before + languages.size());
  for (size_t i = 0; i < languages.size(); ++i) {
    const fake::Push& push = rig.host.pushes()[before + i];
    CHECK(push.one_way);
    CHECK(push.request.code == 220);
    CHECK(push.session == 21 + i);
    CHECK((push.request.body.find(R"("offsetTable":[)") != std::string::npos) ==
          languages[i].second);
    CHECK((push.request.body.find(R"("offsetTable":{{)") != std::string::npos) !=
          languages[i].second);
    CHECK(targets(push.request.body) == Targets{{0, 0}, {1, 0}});
  }
  CHECK(targets(rig.ask(222, reset({{"isForce", "false"}})).body) == Targets{{0, 1}, {1, 1}});
  CHECK(targets(rig.ask(222, reset()).body) == Targets{{0, 3}, {1, 1}});
  CHECK(rig.ask(14, place(0)).field("offset") == "1");  // theirs to commit
  rig.ask(200, {}, R"({"groupName":"Fresh"})");
  CHECK(rig.ask(222, reset({{"group", "Fresh"}})).remark == "THe consumer group <Fresh> not exist");
}

TEST_CASE("a group's places are cloned to another, and all are listed") {
  Rig rig;
  prepare(rig);
  REQUIRE(rig.ask(200, {}, R"({"groupName":"Copy"})").code == 0);
  const auto clone = [&](const std::string& from, const std::string& to, const std::string& topic,
                         const std::string& offline = "false") {
    return rig.ask(314,
                   {{"srcGroup", from}, {"destGroup", to}, {"topic", topic}, {"offline", offline}});
  };
  CHECK(clone("Nobody", "Copy", "T").code == code::subscription_group_not_exist);
  CHECK_THAT(clone("G", "Nobody", "T").remark, Catch::Contains("Nobody"));
  rig.ask(34, {}, heartbeat({.topics = {"Other"}}));
  CHECK(clone("G", "Copy", "T").code == code::success);  // G does not read T now
  CHECK(rig.ask(343, {{"group", "Copy"}}).body ==
        R"({"brokerAddr":"127.0.0.1:10911","topicList":[]})");
  CHECK(clone("G", "Copy", "", "true").code == code::success);
  const auto all =
      protocol::read_body<protocol::CommittedOffsets>(rig.ask(43, {}).body).value().offsets;
  CHECK(all == std::map<std::string, std::map<int32_t, int64_t>>{{"T@Copy", {{0, 1}, {1, 1}}},
                                                                 {"T@G", {{0, 1}, {1, 1}}}});
  CHECK_THAT(rig.ask(43, {}).body, Catch::Contains(R"("T@G":{0:1,1:1})"));
}

TEST_CASE(
    "a group that stands above its queue's end is set to the end at a start, and the log tells") {
  fake::Log log;
  fake::MetadataStore metadata;
  {
    Rig rig({}, &log, &metadata);
    prepare(rig);
    REQUIRE(rig.ask(15, place(0, {{"commitOffset", "7"}})).code == 0);
    CHECK(rig.ask(14, place(0)).field("offset") == "7");  // as told while it runs
  }
  {
    Rig again({}, &log, &metadata);
    CHECK(again.ask(14, place(0)).field("offset") == "3");
    CHECK(again.ask(14, place(1)).field("offset") == "1");
    CHECK(again.host.logged("group G stood at 7 of topic T queue 0, which ends at 3"));
  }
  Rig third({}, &log, &metadata);
  CHECK_FALSE(third.host.logged("stood at"));
}
