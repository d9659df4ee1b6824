// Codes 12, 29, 32, 33: messages by place, key and time.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void send(Rig& rig, const std::string& keys, const std::string& unique, const std::string& body,
          const std::string& topic = "T") {
  const std::string text = properties({{"KEYS", keys}, {"UNIQ_KEY", unique}, {"TAGS", "tag"}});
  REQUIRE(rig.ask(310, send_v2(topic, {{"i", text}}), body).code == 0);
}

fake::Fields by_key(const std::string& key, Overrides more = {}, const std::string& topic = "T") {
  fake::Fields fields = {{"topic", topic},
                         {"key", key},
                         {"maxNum", "32"},
                         {"beginTimestamp", "0"},
                         {"endTimestamp", "9223372036854775807"}};
  for (const auto& [name, value] : more) {
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    if (value != absent) fields.emplace_back(name, value);
  }
  return fields;
}

std::vector<std::string> bodies(const fake::Answer& answer) {
  std::vector<std::string> out;
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  for (const auto& record : *records) out.emplace_back(record.body);
  return out;
}
using Bodies = std::vector<std::string>;

fake::Fields at(const std::string& topic, int queue, int64_t time_ms, const std::string& boundary) {
  return {{"topic", topic},
          {"queueId", std::to_string(queue)},
          {"timestamp", std::to_string(time_ms)},
          {"boundaryType", boundary}};
}

}  // namespace

TEST_CASE("a message is viewed by its place in the log, and only where a record begins") {
  Rig rig;
  send(rig, "k", "U1", "first");
  send(rig, "k", "U2", "second");
  const auto record = rig.log.records(rig.log.begin(), rig.log.mark(GANTRY_MARK_VISIBLE)).back();
  const auto answer = rig.ask(33, {{"offset", std::to_string(record.log_offset)}});
  CHECK(answer.code == code::success);
  CHECK(bodies(answer) == Bodies{"second"});
  for (const std::string offset : {"-1", "1", "999999999", "9223372036854775807"}) {
    const auto none = rig.ask(33, {{"offset", offset}});
    CHECK(none.code == code::system_error);
    CHECK(none.remark == "can not find message by the offset, " + offset);
  }
  CHECK_THAT(rig.ask(33, {}).remark, Catch::Contains("offset"));
  CHECK_THAT(rig.ask(33, {{"offset", "x"}}).remark, Catch::Contains("\"x\""));
}

TEST_CASE("messages are found by each of their keys and by their unique key, in the log's order") {
  Rig rig;
  send(rig, "red green", "U1", "1");
  send(rig, "green", "U2", "2");
  send(rig, "greenish U1", "U3", "3");
  send(rig, "green", "U4", "4", "Other");
  const auto answer = rig.ask(12, by_key("green"));
  CHECK(answer.code == code::success);
  CHECK(bodies(answer) == Bodies{"1", "2"});
  const auto last = rig.log.records(rig.log.begin(), rig.log.mark(GANTRY_MARK_VISIBLE)).back();
  CHECK(answer.field("indexLastUpdatePhyoffset") == std::to_string(last.log_offset));
  CHECK(answer.field("indexLastUpdateTimestamp") == std::to_string(last.stored_ms));
  CHECK(bodies(rig.ask(12, by_key("red"))) == Bodies{"1"});
  CHECK(bodies(rig.ask(12, by_key("U1"))) == Bodies{"1", "3"});
  CHECK(bodies(rig.ask(12, by_key("U1", {{"_UNIQUE_KEY_QUERY", "true"}, {"maxNum", "0"}}))) ==
        Bodies{"1"});
  CHECK(bodies(rig.ask(12, by_key("green", {{"maxNum", "1"}}))) == Bodies{"2"});  // the newest
  CHECK(bodies(rig.ask(12, by_key("tag", {{"indexType", "T"}}))) == Bodies{"1", "2", "3"});
}

TEST_CASE("a key nobody carries, or none within the time asked, is answered 22") {
  Rig rig;
  send(rig, "k", "U1", "1");
  const std::string now = std::to_string(rig.host.clock().now_ms());
  const std::string later = std::to_string(rig.host.clock().now_ms() + 1);
  CHECK(rig.ask(12, by_key("k", {{"endTimestamp", now}, {"beginTimestamp", now}})).code == 0);
  for (const auto& fields : {by_key("none"), by_key("k", {}, "Nowhere"),
                             by_key("k", {{"beginTimestamp", later}}), by_key("tag")}) {
    const auto answer = rig.ask(12, fields);
    CHECK(answer.code == code::query_not_found);
    CHECK(answer.remark == "can not find message, maybe time range not correct");
    CHECK(answer.field("indexLastUpdateTimestamp") == "0");
    CHECK(answer.field("indexLastUpdatePhyoffset") == "0");
    CHECK(answer.body.empty());
  }
}

TEST_CASE("hits that are no record any more are passed over") {
  Rig rig;
  send(rig, "k", "U1", "1");
  rig.keys.extra = {-5, 3, 1'000'000'000};
  CHECK(bodies(rig.ask(12, by_key("k"))) == Bodies{"1"});
}

TEST_CASE("an answer carries no more than fits into a frame, yet at least one message") {
  Rig rig;
  for (int i = 0; i < 4; ++i) send(rig, "k", "U", std::string(4 << 20, static_cast<char>('0' + i)));
  const auto answer = rig.ask(12, by_key("k"));
  const auto found = bodies(answer);
  REQUIRE(found.size() == 1);
  CHECK(found[0][0] == '3');
}

TEST_CASE("a query by key that makes no sense says why") {
  Rig rig;
  const auto negative = rig.ask(12, by_key("k", {{"maxNum", "-1"}}));
  CHECK(negative.code == code::invalid_parameter);
  CHECK_THAT(negative.remark, Catch::Contains("maxNum: -1"));
  for (const std::string field : {"topic", "key", "maxNum", "beginTimestamp", "endTimestamp"}) {
    const auto answer = rig.ask(12, by_key("k", {{field, absent}}));
    CHECK(answer.code == code::system_error);
    CHECK_THAT(answer.remark, Catch::Contains(field));
  }
}

TEST_CASE("without a key index a query by key names the module that is missing") {
  Rig rig({.key_index = false});
  const auto answer = rig.ask(12, by_key("k"));
  CHECK(answer.code == code::system_error);
  CHECK_THAT(answer.remark, Catch::Contains("gantry.key_index"));
}

TEST_CASE("an offset is found by time: the first not before it, or the last not after it") {
  Rig rig;
  const int64_t first = rig.host.clock().now_ms();
  for (int i = 0; i < 3; ++i) {
    send(rig, "k", "U", "x");
    rig.host.advance_ms(100);
  }
  const auto lower = [&](int64_t ms) {
    return rig.ask(29, at("T", 0, ms, "LOWER")).field("offset");
  };
  const auto upper = [&](int64_t ms) {
    return rig.ask(29, at("T", 0, ms, "upper")).field("offset");
  };
  CHECK(lower(0) == "0");
  CHECK(lower(first) == "0");
  CHECK(lower(first + 1) == "1");
  CHECK(lower(first + 200) == "2");
  CHECK(lower(first + 201) == "3");
  CHECK(upper(first - 1) == "0");
  CHECK(upper(first + 199) == "1");
  CHECK(upper(first + 1'000'000) == "2");
  CHECK(rig.ask(29, at("T", 0, first + 1, "MIDDLE")).field("offset") == "1");  // LOWER, as Java
  CHECK(rig.ask(29, at("T", 9, first, "LOWER")).field("offset") == "0");
  CHECK(rig.ask(29, at("Nowhere", 0, -1, "UPPER")).field("offset") == "0");
  rig.index.trimmed["T"] = 1;
  CHECK(lower(0) == "1");
  CHECK_THAT(rig.ask(29, {{"topic", "T"}, {"queueId", "0"}}).remark, Catch::Contains("timestamp"));
}

TEST_CASE("the earliest store time is that of the first message a queue still has") {
  Rig rig;
  const int64_t first = rig.host.clock().now_ms();
  for (int i = 0; i < 2; ++i) {
    send(rig, "k", "U", "x");
    rig.host.advance_ms(100);
  }
  const auto earliest = [&](const std::string& topic, int queue) {
    return rig.ask(32, {{"topic", topic}, {"queueId", std::to_string(queue)}}).field("timestamp");
  };
  CHECK(earliest("T", 0) == std::to_string(first));
  rig.index.trimmed["T"] = 1;
  CHECK(earliest("T", 0) == std::to_string(first + 100));
  CHECK(earliest("T", 1) == "-1");
  CHECK(earliest("Nowhere", 0) == "-1");
}
