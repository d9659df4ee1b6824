// Subscriptions: of the pull itself and of the group's heartbeats; wake-ups they ask for; members
// that disagree.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

void send(Rig& rig, const std::string& tag, Overrides more = {}) {
  REQUIRE(rig.ask(310, tagged("T", tag, std::move(more)), "body of " + tag, 99).code == 0);
}

std::string bodies(const fake::Answer& answer) {
  const auto records = gantry::protocol::decode_records(answer.body);
  REQUIRE(records.has_value());
  std::string out;
  for (const auto& record : *records) out += (out.empty() ? "" : ", ") + std::string(record.body);
  return out;
}

fake::Fields pull_of(const std::string& expression, int64_t offset, const char* type = "TAG") {
  return pull("T", 0, offset, {{"subscription", expression}, {"expressionType", type}});
}

fake::Fields held_pull_of(const std::string& expression, int64_t offset, int hold_ms = 15'000,
                          const char* type = "TAG") {
  return pull("T", 0, offset,
              {{"subscription", expression},
               {"expressionType", type},
               {"sysFlag", "6"},
               {"suspendTimeoutMillis", std::to_string(hold_ms)}});
}

// Without a subscription of its own.
fake::Fields pull_by_beat(int64_t offset, Overrides overrides = {}) {
  overrides.emplace_back("sysFlag", "0");
  overrides.emplace_back("subscription", absent);
  return pull("T", 0, offset, std::move(overrides));
}

void check(const fake::Answer& answer, int32_t code, const std::string& name, int64_t next) {
  CHECK(answer.code == code);
  CHECK(answer.remark == name);
  CHECK(answer.field("nextBeginOffset") == std::to_string(next));
}

}  // namespace

TEST_CASE("a pull gives what its tags say, and goes on behind what it walked over") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  for (const char* tag : {"A", "B", "A", "C", ""}) send(rig, tag);
  const auto answer = rig.ask(11, pull_of("A", 0));
  check(answer, 0, "FOUND", 5);
  CHECK(bodies(answer) == "body of A, body of A");
  CHECK(bodies(rig.ask(11, pull_of("B || C", 0))) == "body of B, body of C");
  CHECK(bodies(rig.ask(361, pull_of(" C||A ", 1))) == "body of A, body of C");
  const auto none = rig.ask(11, pull_of("D", 1));
  check(none, 20, "NO_MATCHED_MESSAGE", 5);
  CHECK(none.body.empty());
  CHECK(none.field("minOffset") == "0");
  CHECK(none.field("maxOffset") == "5");
  check(rig.ask(11, pull_of("D", 5)), 19, "OFFSET_OVERFLOW_ONE", 5);
  check(rig.ask(11, pull_of("D", 9)), 21, "OFFSET_OVERFLOW_BADLY", 5);
}

TEST_CASE("two tags of one hash are not mixed up") {
  Rig rig;
  send(rig, "BB");
  send(rig, "Aa");
  CHECK(bodies(rig.ask(11, pull_of("Aa", 0))) == "body of Aa");
  check(rig.ask(11, pull_of("Aa", 2)), 19, "OFFSET_OVERFLOW_ONE", 2);
}

TEST_CASE("limits count what is given, and the next pull begins with what was left") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    send(rig, "B");
    send(rig, "A");
  }
  auto fields = pull_of("A", 0);
  for (auto& [key, value] : fields) {
    if (key == "maxMsgNums") value = "2";
  }
  const auto answer = rig.ask(11, fields);
  check(answer, 0, "FOUND", 5);  // the third A, the fifth one passed over
  CHECK(bodies(answer) == "body of A, body of A");
}

TEST_CASE("a wrong expression is answered 23 and says where") {
  Rig rig;
  send(rig, "A");
  for (int i = 0; i < 2; ++i) {
    const auto answer = rig.ask(11, pull_of("||", 0));
    CHECK(answer.code == 23);
    CHECK(answer.remark ==
          "parse the consumer's subscription failed: line 1, column 1: a tag is expected, not only "
          "||");
  }
}

TEST_CASE("an expression that is too long is not compiled") {
  Rig rig({.settings = {{"expression_bytes_max", 8}}});
  send(rig, "A");
  CHECK(rig.ask(11, pull_of("A||B||C", 0)).code == 0);
  const auto answer = rig.ask(11, pull_of("A||B||CD", 0) /* 8 bytes */);
  CHECK(answer.code == 0);
  const auto refused = rig.ask(11, pull_of("A||B||CDE", 0));
  CHECK(refused.code == 23);
  CHECK_THAT(refused.remark, Catch::Contains("9 bytes are more than expression_bytes_max, 8"));
}

TEST_CASE("an expression is compiled once, whoever pulls with it") {
  Rig rig({.shards = 2, .sql_filter = true});
  send(rig, "A", {{"a", "5"}});
  for (gantry_session session = 1; session <= 6; ++session) {
    auto fields = pull_of("a=5", 0, "SQL92");
    for (auto& [key, value] : fields) {
      if (key == "consumerGroup") value = "G" + std::to_string(session);
    }
    CHECK(rig.ask(11, fields, {}, session).code == 0);
  }
  CHECK(rig.sql.compiles == 1);
  CHECK(rig.sql.live() == 1);
}

TEST_CASE("what is wrong is remembered, too") {
  Rig rig({.sql_filter = true});
  send(rig, "A");
  for (int i = 0; i < 3; ++i) {
    const auto answer = rig.ask(11, pull_of("a", 0, "SQL92"));
    CHECK(answer.code == 23);
    CHECK_THAT(answer.remark, Catch::Contains("column 2: = is expected"));
  }
  CHECK(rig.sql.compiles == 1);
}

TEST_CASE("compiled expressions beyond the bound are forgotten") {
  Rig rig({.settings = {{"filter_cache_bytes_max", 65'536}}, .sql_filter = true});
  send(rig, "A");
  for (int i = 0; i < 1000; ++i) {
    rig.ask(11, pull_of("a=" + std::to_string(i), 0, "SQL92"));
  }
  CHECK(rig.sql.compiles == 1000);
  CHECK(rig.sql.live() < 260);
  CHECK(rig.ask(11, pull_of("a=1", 0, "SQL92")).code == 20);
}

TEST_CASE("a pull without an expression goes by its group's") {
  Rig rig({.sql_filter = true});
  send(rig, "A", {{"a", "5"}});
  send(rig, "B", {{"a", "6"}});
  rig.ask(34, {}, heartbeat({.version = 3, .expression = "B"}));
  CHECK(bodies(rig.ask(11, pull_by_beat(0, {{"subVersion", "3"}}))) == "body of B");
  CHECK(rig.ask(11, pull_by_beat(0, {{"subVersion", "4"}})).code == 25);
  // An older version changes nothing, a newer one does.
  rig.ask(34, {}, heartbeat({.version = 2, .expression = "A"}));
  CHECK(bodies(rig.ask(11, pull_by_beat(0))) == "body of B");
  rig.ask(34, {}, heartbeat({.version = 4, .expression = "A"}));
  CHECK(bodies(rig.ask(11, pull_by_beat(0))) == "body of A");
  rig.ask(34, {}, heartbeat({.version = 5, .expression = "a=6", .type = "SQL92"}));
  CHECK(bodies(rig.ask(11, pull_by_beat(0))) == "body of B");
  rig.ask(34, {}, heartbeat({.version = 6, .expression = "a", .type = "SQL92"}));
  const auto wrong = rig.ask(11, pull_by_beat(0));
  CHECK(wrong.code == 23);
  CHECK_THAT(wrong.remark, Catch::StartsWith("parse the consumer's subscription failed: "));
  CHECK_THAT(wrong.remark, Catch::Contains("column 2"));
}

TEST_CASE("a group that is gone has no subscription") {
  Rig rig({.shards = 2});
  send(rig, "A");
  rig.ask(34, {}, heartbeat({}), 2);
  CHECK(rig.ask(11, pull_by_beat(0), {}, 2).code == 0);
  CHECK(rig.ask(11, pull_by_beat(0), {}, 3).code == 0);  // on the other shard
  rig.ask(34, {}, heartbeat({.topics = {"Other"}, .version = 2}), 2);
  CHECK_THAT(rig.ask(11, pull_by_beat(0), {}, 3).remark,
             Catch::StartsWith("the consumer's subscription not exist"));
  rig.host.close_session(2);
  CHECK_THAT(rig.ask(11, pull_by_beat(0), {}, 3).remark,
             Catch::StartsWith("the consumer's group info not exist"));
}

TEST_CASE("a broadcasting group pulls by its heartbeats") {
  Rig rig;
  send(rig, "A");
  rig.ask(34, {}, heartbeat({.model = "BROADCASTING", .expression = "A"}));
  CHECK(rig.ask(11, pull_by_beat(0)).code == 0);
}

TEST_CASE("a held pull is woken by a record that can match, not by others") {
  Rig rig({.shards = GENERATE(1u, 2u), .sql_filter = true});
  send(rig, "B");
  const auto by_tag = rig.send(11, held_pull_of("A || C", 1), {}, 2);
  const auto same_tag = rig.send(11, held_pull_of("A || C", 1), {}, 3);
  const auto by_sql = rig.send(11, held_pull_of("a=5", 1, 15'000, "SQL92"), {}, 4);
  const auto all = rig.send(11, held_pull_of("*", 1), {}, 5);
  send(rig, "B", {{"a", "4"}});
  CHECK_FALSE(by_tag->answer);
  CHECK_FALSE(by_sql->answer);
  REQUIRE(all->answer);
  check(*all->answer, 0, "FOUND", 2);
  send(rig, "A", {{"a", "4"}});
  REQUIRE(by_tag->answer);
  REQUIRE(same_tag->answer);
  check(*by_tag->answer, 0, "FOUND", 3);
  CHECK(bodies(*by_tag->answer) == "body of A");
  CHECK_FALSE(by_sql->answer);
  send(rig, "B", {{"a", "5"}});
  REQUIRE(by_sql->answer);
  check(*by_sql->answer, 0, "FOUND", 4);
  CHECK(rig.host.late_answers() == 0);
}

TEST_CASE("a filter is asked once for a record, however many wait with it") {
  Rig rig({.sql_filter = true});
  send(rig, "B");
  std::vector<std::shared_ptr<const fake::Exchange>> held;
  for (gantry_session session = 1; session <= 20; ++session) {
    held.push_back(rig.send(11, held_pull_of("a=5", 1, 15'000, "SQL92"), {}, session));
  }
  rig.sql.looked_at = 0;
  send(rig, "B", {{"a", "4"}});
  CHECK(rig.sql.looked_at == 1);
  for (const auto& one : held) CHECK_FALSE(one->answer);
}

TEST_CASE("a tag that only has the same hash wakes nobody") {
  Rig rig;
  send(rig, "x");
  const auto held = rig.send(11, held_pull_of("Aa", 1));
  send(rig, "BB");
  CHECK_FALSE(held->answer);
  send(rig, "Aa");
  REQUIRE(held->answer);
  CHECK(bodies(*held->answer) == "body of Aa");
}

TEST_CASE("a pull whose time is up goes on behind the records that were not for it") {
  Rig rig;
  send(rig, "B");
  const auto held = rig.send(11, held_pull_of("A", 1, 1000));
  send(rig, "B");
  send(rig, "C");
  CHECK_FALSE(held->answer);
  rig.host.advance_ms(1000);
  REQUIRE(held->answer);
  check(*held->answer, 20, "NO_MATCHED_MESSAGE", 3);
}

TEST_CASE("records that came by while a pull was held are not walked over again") {
  Rig rig({.sql_filter = true});
  send(rig, "x");
  const auto held = rig.send(11, held_pull_of("a=5", 1, 15'000, "SQL92"));
  for (int i = 0; i < 10; ++i) send(rig, "x", {{"a", "4"}});
  rig.sql.looked_at = 0;
  send(rig, "x", {{"a", "5"}});
  REQUIRE(held->answer);
  check(*held->answer, 0, "FOUND", 12);
  CHECK(rig.sql.looked_at == 2);  // by the wake-up, and by the pull
}

TEST_CASE("a record nobody heard of is found though later ones were not for the pull") {
  Rig rig;
  send(rig, "B");
  // An A is in the index by the time the pull is listed, but its wake-up came before.
  rig.index.before_bounds = [&] {
    rig.index.before_bounds = [&] { rig.index.repeat_last("T", 0); };
  };
  const auto held = rig.send(11, held_pull_of("B", 1));
  REQUIRE(held->answer);
  check(*held->answer, 0, "FOUND", 2);
}

TEST_CASE("without long polling a pull is held shortly, whatever it asks") {
  Rig rig({.settings = {{"long_polling", false}, {"short_polling_ms", 300}}});
  send(rig, "A");
  const auto held = rig.send(11, held_pull_of("*", 1, 15'000));
  rig.host.advance_ms(299);
  CHECK_FALSE(held->answer);
  rig.host.advance_ms(1);
  REQUIRE(held->answer);
  CHECK(held->answer->code == 19);
}

TEST_CASE("a broker that serves no pulls says so") {
  const auto refused = [](Rig& rig, int32_t code) {
    const auto answer = rig.ask(code, pull("T", 0, 0));
    CHECK(answer.code == 16);
    CHECK(answer.field("forbiddenType") == "1");
    return answer.remark;
  };
  SECTION("no pulls") {
    Rig rig({.settings = {{"pull_enabled", false}}});
    send(rig, "A");
    CHECK(refused(rig, 11) == "the broker[127.0.0.1] pulling message is forbidden");
    CHECK(refused(rig, 361) == "the broker[127.0.0.1] pulling message is forbidden");
    CHECK_THAT(rig.told().back().body, Catch::Contains(R"("perm":2)"));
    CHECK_THAT(rig.told().back().body, !Catch::Contains(R"("perm":6)"));
  }
  SECTION("no lite pulls") {
    Rig rig({.settings = {{"lite_pull_enabled", false}}});
    send(rig, "A");
    CHECK(refused(rig, 361) == "the broker[127.0.0.1] for lite pull consumer is forbidden");
    CHECK(rig.ask(11, pull("T", 0, 0)).code == 0);
  }
}

TEST_CASE("consumers that fell behind are sent to a slave, if that is wanted") {
  const auto suggested = [](const fake::Settings& settings) {
    Rig rig({.settings = settings});
    send(rig, "A");
    return rig.ask(11, pull("T", 0, 0)).field("suggestWhichBrokerId").value();
  };
  CHECK(suggested({}) == "0");
  CHECK(suggested({{"memory_percent", 0}}) == "0");
  CHECK(suggested({{"slave_read", true}}) == "0");
  CHECK(suggested({{"slave_read", true}, {"memory_percent", 0}}) == "1");
}

TEST_CASE("members that subscribe differently are told of, once") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  const auto beat = [&](gantry_session session, const char* expression,
                        std::vector<std::string> tags, std::vector<std::string> topics = {"T"}) {
    rig.ask(34, {},
            heartbeat({.client = "client-" + std::to_string(session),
                       .topics = std::move(topics),
                       .expression = expression,
                       .tags = std::move(tags)}),
            session);
  };
  const auto warnings = [&] {
    return std::count_if(rig.host.lines().begin(), rig.host.lines().end(), [](const auto& line) {
      return line.text.find("its members subscribe differently") != std::string::npos;
    });
  };
  beat(1, "A || B", {"A", "B"});
  beat(2, "B||A", {"B", "A"});  // only spelled differently
  CHECK(warnings() == 0);
  beat(3, "C", {"C"});
  beat(3, "C", {"C"});
  CHECK(warnings() == 1);
  CHECK(
      rig.host.logged("group G: its members subscribe differently, so each of them may miss "
                      "messages: client client-1 subscribes to T with TAG A || B, client "
                      "client-3 subscribes to T with TAG C"));
  rig.host.close_session(3);
  CHECK(rig.host.logged("group G: its members subscribe alike again"));
  beat(2, "B||A", {"B", "A"}, {"T", "U"});
  CHECK(warnings() == 2);
  CHECK(
      rig.host.logged("client client-1 does not subscribe to U, client client-2 subscribes to U"));
}

TEST_CASE("push members have the group's retries besides, which is no difference") {
  Rig rig;
  const auto beat = [&](gantry_session session, std::vector<std::string> topics) {
    REQUIRE(rig.ask(34, {}, heartbeat({.client = "c" + std::to_string(session), .topics = topics}),
                    session)
                .code == 0);
  };
  const auto differ = [&] {
    return std::any_of(rig.host.lines().begin(), rig.host.lines().end(), [](const auto& line) {
      return line.text.find("subscribe differently") != std::string::npos;
    });
  };
  beat(1, {"T", "%RETRY%G"});
  beat(2, {"T"});
  CHECK_FALSE(differ());
  beat(3, {"T", "%RETRY%other"});  // another group's are
  CHECK(differ());
}
