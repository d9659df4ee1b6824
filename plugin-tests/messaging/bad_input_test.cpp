// What consumers and those who pretend to be one may send: numbers no queue has, names nobody knows,
// bodies with holes. Each is answered with RocketMQ's code, and what it says is what was wrong.
#include <catch2/catch.hpp>
#include <limits>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

const std::string most = std::to_string(std::numeric_limits<int64_t>::max());
const std::string least = std::to_string(std::numeric_limits<int64_t>::min());
const std::string over = "9223372036854775808";

void fill(Rig& rig, int count = 3) {
  for (int i = 0; i < count; ++i) REQUIRE(rig.ask(310, send_v2("T"), "x").code == code::success);
}

void check_refused(const fake::Answer& answer, int32_t code, const std::string& says) {
  CHECK(answer.code == code);
  CHECK_THAT(answer.remark, Catch::Contains(says));
}

std::string is_no(const std::string& field, const std::string& number) {
  return "field " + field + " is \"" + number + "\", not a ";
}

fake::Fields of_queue(const std::string& queue, Overrides more = {}) {
  fake::Fields fields = {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", queue}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

// A heartbeat whose one consumer has these members besides its group.
std::string beat_with(const std::string& members) {
  return R"({"clientID":"c","consumerDataSet":[{"groupName":"G")" + members +
         R"(}],"producerDataSet":[]})";
}

}  // namespace

TEST_CASE("a pull at an offset no queue can have is told where the queue begins or ends") {
  Rig rig;
  fill(rig);
  const auto at = [&](const std::string& offset) {
    return rig.ask(11, pull("T", 0, 0, {{"queueOffset", offset}}));
  };
  CHECK(at(most).code == code::pull_offset_moved);
  CHECK(at(most).field("nextBeginOffset") == "3");
  CHECK(at(least).code == code::pull_offset_moved);
  CHECK(at(least).field("nextBeginOffset") == "0");
  check_refused(at(over), code::system_error, is_no("queueOffset", over));
  check_refused(at(""), code::system_error, "queueOffset");
}

TEST_CASE("a pull of a queue no topic can have is refused, naming the queue") {
  Rig rig;
  fill(rig);
  const auto of = [&](const std::string& queue) {
    return rig.ask(11, pull("T", 0, 0, {{"queueId", queue}}));
  };
  check_refused(of("2147483647"), code::invalid_parameter, "queueId[2147483647] is illegal");
  check_refused(of("-2147483648"), code::invalid_parameter, "queueId[-2147483648] is illegal");
  check_refused(of("2147483648"), code::system_error, is_no("queueId", "2147483648"));
}

TEST_CASE("a broadcasting member of a group that forbids it is refused") {
  Rig rig;
  fill(rig);
  const auto allow = [&](bool broadcast) {
    REQUIRE(rig.ask(200, {}, R"({"groupName":"G","consumeBroadcastEnable":)" +
                                 std::string(broadcast ? "true}" : "false}"))
                .code == 0);
  };
  const auto by_beat = [&] {
    return rig.ask(11, pull("T", 0, 0, {{"sysFlag", "0"}, {"subscription", absent}}));
  };
  allow(false);
  rig.ask(34, {}, heartbeat({.model = "BROADCASTING"}));
  check_refused(by_beat(), code::no_permission,
                "the consumer group[G] can not consume by broadcast way");
  CHECK(by_beat().field("forbiddenType") == "4");
  allow(true);
  CHECK(by_beat().code == code::success);
  allow(false);
  rig.ask(34, {}, heartbeat({}));
  CHECK(by_beat().code == code::success);
}

TEST_CASE("what a pull commits is no offset below 0, and any above") {
  Rig rig;
  fill(rig);
  const auto committing = [&](const std::string& offset) {
    return rig.ask(11, pull("T", 0, 0, {{"sysFlag", "5"}, {"commitOffset", offset}})).code;
  };
  CHECK(committing(least) == code::success);
  CHECK(rig.ask(14, of_queue("0", {{"setZeroIfNotFound", "false"}})).code == code::query_not_found);
  CHECK(committing(most) == code::success);
  CHECK(rig.ask(14, of_queue("0")).field("offset") == most);
}

TEST_CASE("offsets of unknown groups, topics and queues are not found, and none are made") {
  Rig rig;
  fill(rig);
  const auto writes = rig.metadata.writes();
  for (const std::string queue : {"-1", "-2147483648", "2147483647", "99"}) {
    CHECK(rig.ask(14, of_queue(queue)).code == code::query_not_found);
    CHECK(rig.ask(30, of_queue(queue)).field("offset") == "0");
    CHECK(rig.ask(31, of_queue(queue)).field("offset") == "0");
    CHECK(rig.ask(29, of_queue(queue, {{"timestamp", "0"}})).field("offset") == "0");
  }
  CHECK(rig.ask(14, {{"consumerGroup", "G"}, {"topic", "Nothing"}, {"queueId", "0"}}).code ==
        code::query_not_found);
  for (const int32_t what : {14, 15, 29, 30, 31}) {
    INFO(what);
    check_refused(rig.ask(what, of_queue("2147483648", {{"timestamp", "0"}})), code::system_error,
                  is_no("queueId", "2147483648"));
    check_refused(rig.ask(what, {{"consumerGroup", "G"}, {"queueId", "0"}}), code::system_error,
                  "topic");
  }
  CHECK(rig.metadata.writes() == writes);
}

TEST_CASE("a committed offset below 0 is none, and a huge one is kept as it is") {
  Rig rig;
  fill(rig);
  rig.ask(34, {}, heartbeat({}));
  const auto commit = [&](const std::string& offset) {
    return rig.ask(15, of_queue("0", {{"commitOffset", offset}}));
  };
  const auto committed = [&] {
    return rig.ask(14, of_queue("0", {{"setZeroIfNotFound", "false"}}));
  };
  CHECK(commit(most).code == code::success);
  CHECK(committed().field("offset") == most);
  CHECK(commit("-1").code == code::success);
  CHECK(committed().code == code::query_not_found);
  check_refused(commit(over), code::system_error, is_no("commitOffset", over));
}

TEST_CASE("an offset by a time that is none is the queue's edge, or refused by name") {
  Rig rig;
  fill(rig);
  const auto at = [&](const std::string& time, const std::string& boundary = "LOWER") {
    return rig.ask(29, of_queue("0", {{"timestamp", time}, {"boundaryType", boundary}}));
  };
  CHECK(at(least).field("offset") == "0");
  CHECK(at(most).field("offset") == "3");
  CHECK(at(least, "UPPER").field("offset") == "0");
  CHECK(at(most, "UPPER").field("offset") == "2");
  check_refused(at(over), code::system_error, is_no("timestamp", over));
}

TEST_CASE("a message looked for where none can be is answered 1, naming the place") {
  Rig rig;
  fill(rig);
  for (const std::string& offset : {std::string("-1"), least, most, std::string("3")}) {
    const auto answer = rig.ask(33, {{"offset", offset}});
    check_refused(answer, code::system_error, offset);
    CHECK(answer.body.empty());
  }
  check_refused(rig.ask(33, {{"offset", over}}), code::system_error, is_no("offset", over));
  check_refused(rig.ask(33, {}), code::system_error, "offset");
}

TEST_CASE("a query by key over a time that is none finds nothing") {
  Rig rig;
  fill(rig);
  const auto between = [&](const std::string& begin, const std::string& end,
                           const std::string& most_found = "32") {
    return rig.ask(12, {{"topic", "T"},
                        {"key", "k"},
                        {"maxNum", most_found},
                        {"beginTimestamp", begin},
                        {"endTimestamp", end}});
  };
  CHECK(between(least, most).code == code::success);
  CHECK(between(most, least).code == code::query_not_found);
  CHECK(between("0", "-1").code == code::query_not_found);
  CHECK(between(least, most, "2147483647").code == code::success);
  check_refused(between(least, over), code::system_error, is_no("endTimestamp", over));
}

TEST_CASE("a heartbeat with names RocketMQ doesn't have is refused, naming member and value") {
  Rig rig;
  for (const std::string member : {"consumeType", "messageModel", "consumeFromWhere"}) {
    const auto answer = rig.ask(34, {}, beat_with(",\"" + member + "\":\"SOMEHOW\""));
    check_refused(answer, code::system_error, member);
    CHECK_THAT(answer.remark, Catch::Contains("SOMEHOW"));
    CHECK(rig.ask(34, {}, beat_with(",\"" + member + "\":77")).code == code::system_error);
  }
  CHECK_FALSE(rig.metadata.get("groups", "G").has_value());
}

TEST_CASE("a heartbeat with nulls says nothing where they stand") {
  Rig rig;
  CHECK(rig.ask(34, {}, R"({"clientID":null,"consumerDataSet":null,"producerDataSet":null})")
            .code == code::success);
  CHECK(rig.ask(34, {}, beat_with(R"(,"consumeType":null,"messageModel":null,)"
                                  R"("consumeFromWhere":null,"subscriptionDataSet":null)"))
            .code == code::success);
  CHECK(rig.ask(38, {{"consumerGroup", "G"}}).body == R"({"consumerIdList":["c"]})");
  CHECK(rig.ask(34, {}, beat_with(R"(,"subscriptionDataSet":[{"topic":"T","subString":null,)"
                                  R"("tagsSet":null,"codeSet":null,"expressionType":null}])"))
            .code == code::success);
  fill(rig);
  CHECK(rig.ask(11, pull("T", 0, 0, {{"sysFlag", "0"}, {"subscription", absent}})).code ==
        code::success);
}

TEST_CASE("a heartbeat that refers to what isn't there is refused, naming the reference") {
  Rig rig;
  for (const std::string to : {"$.consumerDataSet[7]", "$.nowhere", "$.", "..", "@"}) {
    INFO(to);
    const auto answer =
        rig.ask(34, {}, beat_with(R"(,"subscriptionDataSet":[{"$ref":")" + to + R"("}])"));
    check_refused(answer, code::system_error, to);
  }
}

TEST_CASE("a lock of nothing, or of one queue a thousand times, is answered with what it is") {
  Rig rig;
  const std::string queue = R"({"brokerName":"broker-a","queueId":0,"topic":"T"})";
  const auto lock = [&](const std::string& queues) {
    return rig.ask(41, {}, R"({"clientId":"a","consumerGroup":"G","mqSet":)" + queues + "}");
  };
  CHECK(lock("[]").body == R"({"lockOKMQSet":[]})");
  CHECK(lock("null").body == R"({"lockOKMQSet":[]})");
  check_refused(lock("[7]"), code::system_error, "mqSet");
  check_refused(lock("{}"), code::system_error, "mqSet");
  std::string many = queue;
  for (int i = 1; i < 1000; ++i) many += "," + queue;
  CHECK(lock("[" + many + "]").body == R"({"lockOKMQSet":[)" + queue + "]}");
}
