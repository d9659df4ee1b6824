// Which filters a pull meets besides its subscription, and what becomes of a message that can't be
// judged.
#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void send(Rig& rig, const std::string& topic, const std::string& value, Overrides more = {}) {
  more.emplace_back("a", value);
  REQUIRE(rig.ask(310, tagged(topic, "x", more), value, 99).code == 0);
}

// As a consumer with an expression of its own.
fake::Fields by(const std::string& expression, int64_t offset = 0, const std::string& type = "SQL92",
                const std::string& group = "G") {
  auto fields = pull("T", 0, offset, {{"subscription", expression}, {"expressionType", type}});
  for (auto& [key, value] : fields) {
    if (key == "consumerGroup") value = group;
  }
  return fields;
}

std::string bodies(const fake::Answer& answer) {
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  std::string all;
  for (const auto& record : *records) all += record.body;
  return all;
}

const auto fails_at_1 = [](const std::string&, const gantry_message& message) -> uint8_t {
  return message.queue_offset == 1 ? GANTRY_VERDICT_ERROR : GANTRY_VERDICT_DELIVER;
};

}  // namespace

TEST_CASE("what an operator bound to topic and group judges beside the subscription") {
  Rig rig({.sql_filter = true});
  for (const char* value : {"4", "5", "6"}) send(rig, "T", value, {{"b", "1"}});
  send(rig, "T", "5", {{"b", "2"}});
  rig.sql.bound = {{{"T", "G"}, "a=5"}};
  CHECK(bodies(rig.ask(11, by("*", 0, "TAG"))) == "55");
  CHECK(bodies(rig.ask(11, by("x", 0, "TAG"))) == "55");
  CHECK(bodies(rig.ask(11, by("y", 0, "TAG"))).empty());
  CHECK(bodies(rig.ask(11, by("b=2"))) == "5");
  CHECK(bodies(rig.ask(11, by("a=6"))).empty());
  CHECK(bodies(rig.ask(11, by("*", 0, "TAG", "H"))) == "4565");
  rig.sql.bound.clear();  // asked for every pull
  CHECK(bodies(rig.ask(11, by("*", 0, "TAG"))) == "4565");
}

TEST_CASE("a filter is asked only for what those before it want") {
  Rig rig({.sql_filter = true});
  for (const char* value : {"4", "5", "6"}) send(rig, "T", value);
  rig.sql.bound = {{{"T", "G"}, "b=1"}};
  rig.sql.judge = [](const std::string& expression, const gantry_message& message) -> uint8_t {
    if (expression == "a=5")
      return message.queue_offset == 1 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
    return message.queue_offset == 1 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_ERROR;
  };
  CHECK(bodies(rig.ask(11, by("a=5"))) == "5");
}

TEST_CASE("a bound expression that is wrong is told to the consumer, whatever it asked for") {
  Rig rig({.sql_filter = true});
  send(rig, "T", "4");
  rig.sql.bound = {{{"T", "G"}, "a"}};
  const auto answer = rig.ask(11, by("*", 0, "TAG"));
  CHECK(answer.code == 1);
  CHECK(answer.remark == "the filter bound to this group is wrong: column 2: = is expected");
}

TEST_CASE("an expression that names what isn't there yet is compiled again by the next pull") {
  Rig rig({.sql_filter = true});
  send(rig, "T", "5");
  rig.sql.missing = {"a=5"};
  for (int i = 0; i < 2; ++i) {
    const auto answer = rig.ask(11, by("a=5"));
    CHECK(answer.code == 23);
    CHECK(answer.remark == "a=5 is not there");
  }
  rig.sql.missing.clear();
  CHECK(bodies(rig.ask(11, by("a=5"))) == "5");
}

TEST_CASE("at a message that cannot be judged a consumer stops, and is told; it isn't passed over") {
  Rig rig({.sql_filter = true});
  for (const char* value : {"4", "5", "6"}) send(rig, "T", value);
  rig.sql.judge = fails_at_1;
  const auto first = rig.ask(11, by("a=5"));
  CHECK(bodies(first) == "4");
  CHECK(first.field("nextBeginOffset") == "1");
  for (int i = 0; i < 2; ++i) {
    const auto stopped = rig.ask(11, by("a=5", 1));
    CHECK(stopped.code == 1);
    CHECK(stopped.remark == "the filter cannot judge the message at offset 1: broken");
  }
  CHECK(bodies(rig.ask(11, by("*", 0, "TAG"))) == "456");  // others aren't concerned
  const auto told = std::count_if(
      rig.host.lines().begin(), rig.host.lines().end(),
      [](const auto& line) { return line.text.find("cannot judge message 1 of T/0") != line.text.npos; });
  CHECK(told == 1);
  rig.sql.judge = nullptr;
  CHECK(bodies(rig.ask(11, by("a=5", 1))) == "5");
  CHECK(rig.host.live_buffers() == 0);
}

TEST_CASE("what a filter throws stops its consumer as well") {
  Rig rig({.sql_filter = true});
  send(rig, "T", "5");
  rig.sql.judge = [](const std::string&, const gantry_message&) -> uint8_t {
    throw std::runtime_error("it broke");
  };
  const auto stopped = rig.ask(11, by("a=5"));
  CHECK(stopped.code == 1);
  CHECK(stopped.remark == "the filter cannot judge the message at offset 0: it broke");
}

TEST_CASE("a message that cannot be judged stops the consumer also when another filter failed later") {
  Rig rig({.sql_filter = true});
  for (const char* value : {"4", "5", "6"}) send(rig, "T", value);
  rig.sql.bound = {{{"T", "G"}, "b=1"}};
  rig.sql.judge = [](const std::string& expression, const gantry_message& message) -> uint8_t {
    const int64_t fails_at = expression == "b=1" ? 0 : 2;
    return message.queue_offset == fails_at ? GANTRY_VERDICT_ERROR : GANTRY_VERDICT_DELIVER;
  };
  const auto stopped = rig.ask(11, by("a=5"));
  CHECK(stopped.remark == "the filter cannot judge the message at offset 0: broken");
}

TEST_CASE("a held pull is woken by a message that cannot be judged, and told") {
  Rig rig({.sql_filter = true});
  send(rig, "T", "5");
  REQUIRE(bodies(rig.ask(11, by("a=5"))) == "5");
  auto fields = held_pull("T", 0, 1, 30'000);
  for (auto& [key, value] : fields) {
    if (key == "subscription") value = "a=5";
    if (key == "expressionType") value = "SQL92";
  }
  const auto held = rig.send(11, fields);
  rig.host.run_until_idle();
  REQUIRE_FALSE(held->answer);
  rig.sql.judge = fails_at_1;
  send(rig, "T", "5");
  rig.host.run_until_idle();
  REQUIRE(held->answer);
  CHECK(held->answer->code == 1);
}

TEST_CASE("retried messages are judged by the expression of the topic they came from") {
  Rig rig({.sql_filter = true});
  rig.ask(34, {}, heartbeat({.version = 1, .expression = "a=5", .type = "SQL92"}));
  const std::string retry = "%RETRY%G";
  send(rig, retry, "5", {{"RETRY_TOPIC", "T"}});
  send(rig, retry, "6", {{"RETRY_TOPIC", "T"}});
  send(rig, retry, "7", {{"RETRY_TOPIC", "another topic"}});
  rig.ask(34, {}, heartbeat({.topics = {"T", retry}, .version = 2, .expression = "a=5", .type = "SQL92"}));
  auto fields = pull(retry, 0, 0, {{"subscription", "*"}});
  CHECK(bodies(rig.ask(11, fields)) == "57");
  SECTION("and by what is bound to that") {
    rig.sql.bound = {{{"T", "G"}, "b=1"}};
    CHECK(bodies(rig.ask(11, fields)) == "7");
  }
}
