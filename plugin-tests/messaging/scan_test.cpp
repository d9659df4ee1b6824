// Pulls that walk over a queue for their subscription: bounded, in slices, on a worker where the
// disk is read, and never in the way of others.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void send(Rig& rig, const std::string& value, int count = 1) {
  for (int i = 0; i < count; ++i) {
    REQUIRE(rig.ask(310, tagged("T", "x", {{"a", value}}), "a is " + value, 99).code == 0);
  }
}

fake::Fields pull_of(const std::string& expression, int64_t offset, int messages_max = 32) {
  return pull("T", 0, offset,
              {{"subscription", expression},
               {"expressionType", "SQL92"},
               {"maxMsgNums", std::to_string(messages_max)}});
}

size_t count(const fake::Answer& answer) {
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  return records->size();
}

void check(const fake::Answer& answer, int32_t code, const std::string& name, int64_t next) {
  CHECK(answer.code == code);
  CHECK(answer.remark == name);
  CHECK(answer.field("nextBeginOffset") == std::to_string(next));
}

}  // namespace

TEST_CASE("one pull walks over so many entries, and the next one goes on") {
  Rig rig({.settings = {{"pull_scan_entries_max", 300}}, .sql_filter = true});
  send(rig, "4", 700);
  send(rig, "5");
  check(rig.ask(11, pull_of("a=5", 0)), 20, "NO_MATCHED_MESSAGE", 512);  // whole chunks of 256
  check(rig.ask(11, pull_of("a=5", 512)), 0, "FOUND", 701);
}

TEST_CASE("a match far behind is found by one pull, within its bound") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 600);
  send(rig, "5", 2);
  const auto answer = rig.ask(11, pull_of("a=5", 0));
  check(answer, 0, "FOUND", 602);
  CHECK(count(answer) == 2);
}

TEST_CASE("walks let others in when their time is up, and end all the same") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 200);
  send(rig, "5");
  const auto of_group = [](const char* expression) {
    auto fields = pull_of(expression, 0);
    for (auto& [key, value] : fields) {
      if (key == "consumerGroup") value = "walkers";
    }
    return fields;
  };
  for (const char* expression : {"a=5", "a=6"}) rig.ask(11, pull_of(expression, 0));  // compiled
  std::string walkers;  // whose turn it was, by the last digit
  rig.sql.judge = [&](const std::string& expression, const gantry_message& message) -> uint8_t {
    rig.host.clock().advance_ns(10'000);
    if (walkers.empty() || walkers.back() != expression.back()) walkers += expression.back();
    return message.queue_offset == 200 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
  };
  // Two pulls wait for their group to be made, and then walk at the same time.
  rig.metadata.hold();
  const auto one = rig.send(11, of_group("a=5"));
  const auto other = rig.send(11, of_group("a=6"));
  rig.sql.looked_at = 0;
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(one->answer);
  REQUIRE(other->answer);
  check(*one->answer, 0, "FOUND", 201);
  check(*other->answer, 0, "FOUND", 201);
  CHECK(rig.sql.looked_at == 402);  // nothing twice
  CHECK(walkers.substr(0, 6) == "565656");
}

TEST_CASE("a slow filter is asked about one record at a time, a quick one about many") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 200);
  rig.ask(11, pull_of("a=5", 200));  // compiled
  rig.sql.asked = 0;
  SECTION("slow") {
    rig.sql.judge = [&](const std::string&, const gantry_message&) -> uint8_t {
      rig.host.clock().advance_ns(90'000);
      return GANTRY_VERDICT_SKIP;
    };
    check(rig.ask(11, pull_of("a=5", 0)), 20, "NO_MATCHED_MESSAGE", 200);
    CHECK(rig.sql.asked == 200);
  }
  SECTION("quick") {
    check(rig.ask(11, pull_of("a=5", 0)), 20, "NO_MATCHED_MESSAGE", 200);
    CHECK(rig.sql.asked == 11);  // 1, 2, 4, 8, 16, 32...
  }
  SECTION("slow from some record on") {
    rig.sql.judge = [&](const std::string&, const gantry_message& message) -> uint8_t {
      if (message.queue_offset >= 63) rig.host.clock().advance_ns(100'000);
      return GANTRY_VERDICT_SKIP;
    };
    check(rig.ask(11, pull_of("a=5", 0)), 20, "NO_MATCHED_MESSAGE", 200);
    CHECK(rig.sql.asked == 7 + (200 - 95));  // the first 32 slow ones were asked about together
  }
}

TEST_CASE("a walk goes on until its answer is full") {
  Rig rig({.sql_filter = true});
  for (int i = 0; i < 10; ++i) {
    send(rig, "4", 30);
    send(rig, "5");
  }
  const auto answer = rig.ask(11, pull_of("a=5", 0, 8));
  CHECK(count(answer) == 8);
  const int64_t next = std::stoll(answer.field("nextBeginOffset").value());
  CHECK(count(rig.ask(11, pull_of("a=5", next))) == 2);
  CHECK(rig.host.live_buffers() == 0);
}

TEST_CASE("of records judged together no more go out than the answer takes") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 40);
  send(rig, "5", 40);
  const auto answer = rig.ask(11, pull_of("a=5", 0, 3));
  check(answer, 0, "FOUND", 43);
  CHECK(count(answer) == 3);
  CHECK(rig.host.live_buffers() == 0);
}

TEST_CASE("a filter that wants everything is asked about no more than the answer takes") {
  Rig rig({.sql_filter = true});
  send(rig, "5", 40);
  rig.ask(11, pull_of("a=5", 40));  // compiled
  rig.sql.looked_at = 0;
  check(rig.ask(11, pull_of("a=5", 0, 10)), 0, "FOUND", 10);
  CHECK(rig.sql.looked_at == 10);
}

TEST_CASE("a pull is answered when its filter has taken 20 ms") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 200);
  rig.ask(11, pull_of("a=5", 200));  // compiled
  rig.sql.judge = [&](const std::string&, const gantry_message&) -> uint8_t {
    rig.host.clock().advance_ns(1'000'000);
    return GANTRY_VERDICT_SKIP;
  };
  check(rig.ask(11, pull_of("a=5", 0)), 20, "NO_MATCHED_MESSAGE", 20);
  SECTION("with what it found") {
    rig.sql.judge = [&](const std::string&, const gantry_message& message) -> uint8_t {
      rig.host.clock().advance_ns(1'000'000);
      return message.queue_offset == 25 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
    };
    check(rig.ask(11, pull_of("a=5", 20)), 0, "FOUND", 40);
  }
}

TEST_CASE("what a walk found is let go when nobody waits for it any more") {
  Rig rig({.sql_filter = true});
  send(rig, "5", 100);
  rig.ask(11, pull_of("a=5", 100));  // compiled
  const int gone_at = GENERATE(1, 5);  // in the request's own call, in a later turn
  int looks = 0;
  rig.sql.judge = [&](const std::string&, const gantry_message&) -> uint8_t {
    rig.host.clock().advance_ns(30'000);
    if (++looks == gone_at) rig.host.close_session(1);
    return GANTRY_VERDICT_DELIVER;
  };
  const auto asked = rig.send(11, pull_of("a=5", 0));
  CHECK_FALSE(asked->answer);
  CHECK(looks >= gone_at);
  CHECK(rig.host.live_buffers() == 0);
}

TEST_CASE("a walk that meets what is cold goes on in a worker where it was") {
  Rig rig({.sql_filter = true});
  send(rig, "4", 20);
  send(rig, "5");
  rig.ask(11, pull_of("a=5", 21));
  SECTION("the log") {
    rig.log.make_cold_below(rig.log.records(0, rig.log.end())[10].log_offset);
  }
  SECTION("the index") {
    rig.index.cold = true;
  }
  rig.sql.looked_at = 0;
  const auto answer = rig.ask(11, pull_of("a=5", 0));
  check(answer, 0, "FOUND", 21);
  CHECK(count(answer) == 1);
  CHECK(rig.sql.looked_at == 21);
}

TEST_CASE("what was found is given before the disk is read for more") {
  Rig rig({.settings = {{"pull_messages_max", 64}}, .sql_filter = true});
  send(rig, "5", 40);
  // A batch of 32 records is resident, then the log is cold: it is cold below a place, so the
  // records are walked over in an order that is not the log's.
  rig.index.reverse("T", 0);
  rig.log.make_cold_below(rig.log.records(0, rig.log.end())[8].log_offset);
  const auto answer = rig.ask(11, pull_of("a=5", 0, 64));
  check(answer, 0, "FOUND", 32);
  CHECK(count(answer) == 32);
}

TEST_CASE("runs of records go out as they lie in the log, the others are left out") {
  Rig rig({.sql_filter = true});
  for (const char* value : {"5", "5", "4", "5", "4", "4", "5", "5"}) send(rig, value);
  const auto answer = rig.ask(11, pull_of("a=5", 0));
  check(answer, 0, "FOUND", 8);
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  std::vector<int64_t> offsets;
  for (const auto& record : *records) offsets.push_back(record.queue_offset);
  CHECK(offsets == std::vector<int64_t>{0, 1, 3, 6, 7});
  CHECK(rig.host.live_buffers() == 0);
}

TEST_CASE("an entry's code can decide by itself") {
  Rig rig({.sql_filter = true});
  send(rig, "5", 6);
  int entries = 0;
  rig.sql.judge_index = [&](const std::string&, const gantry_index_entry&) -> uint8_t {
    return entries++ % 2 == 0 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
  };
  rig.sql.looked_at = 0;
  const auto answer = rig.ask(11, pull_of("a=5", 0));
  check(answer, 0, "FOUND", 6);
  CHECK(count(answer) == 3);
  CHECK(rig.sql.looked_at == 0);
}

TEST_CASE("a pull takes no more bytes than its client has room for, but one message") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(rig.ask(310, tagged("T", "A"), std::string(1000, 'x')).code == 0);
  }
  const auto given = [&](const char* bytes) {
    return count(rig.ask(11, pull("T", 0, 0, {{"maxMsgBytes", bytes}})));
  };
  CHECK(given("2500") == 2);
  CHECK(given("1") == 1);
  CHECK(given("0") == 4);
  CHECK(given("-1") == 4);
  CHECK(given("2147483647") == 4);
}

TEST_CASE("records the log gave up are walked over by a subscription, too") {
  Rig rig({.sql_filter = true});
  send(rig, "5", 4);
  rig.index.freeze("T", 0);
  rig.log.trim(rig.log.records(0, rig.log.end())[2].log_offset);
  const auto answer = rig.ask(11, pull_of("a=5", 0));
  check(answer, 0, "FOUND", 4);
  CHECK(count(answer) == 2);
  rig.log.trim(rig.log.end());
  check(rig.ask(11, pull_of("a=5", 0)), 20, "MESSAGE_WAS_REMOVING", 4);
}
