// The filters of scripts/lua, as they are.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

struct Filter : Rig {
  explicit Filter(const std::string& expression)
      : Rig({{"scripts", std::string(GANTRY_SOURCE_DIR "/scripts/lua")}}) {
    const gantry_status status = compile(expression);
    INFO(text);
    REQUIRE(status == GANTRY_OK);
  }
};

std::string refusal(const std::string& expression) {
  Rig rig({{"scripts", std::string(GANTRY_SOURCE_DIR "/scripts/lua")}});
  CHECK(rig.compile(expression) == GANTRY_GONE);
  return rig.text;
}

Message keyed(const std::string& keys) { return Message{{{"KEYS", keys}}}; }

Message body(const std::string& text) { return Message{{}, text}; }

// Milliseconds since 1970 of a time of day, so many days after Thursday, 1 January 1970.
int64_t ms(int64_t day, int64_t hour, int64_t minute = 0) {
  return ((day * 24 + hour) * 60 + minute) * 60'000;
}

}  // namespace

TEST_CASE("every filter of scripts/lua says what arguments it wants, but sampling, which wants none") {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(GANTRY_SOURCE_DIR "/scripts/lua")) {
    if (entry.path().extension() != ".lua") continue;
    ++count;
    INFO(entry.path());
    if (entry.path().stem() == "sampling") continue;
    CHECK_THAT(refusal(entry.path().stem().string()), Catch::Contains("arguments: "));
  }
  CHECK(count == 5);
}

TEST_CASE("sampling delivers one in so many, and always the same") {
  Filter filter(GENERATE("sampling 10", "sampling"));
  int delivered = 0;
  for (int i = 0; i < 2000; ++i) {
    const Message message = keyed("order-" + std::to_string(i));
    const int verdict = filter.verdict(message);
    delivered += verdict == deliver;
    CHECK(filter.verdict(message) == verdict);
  }
  CHECK(delivered > 140);
  CHECK(delivered < 260);
  CHECK(filter.verdict(Message{}) != error);
  CHECK(filter.verdict(Message{{{"UNIQ_KEY", "7F0000012DA5D2BC1EC87AAEB7380000"}}}) != error);
  CHECK_THAT(refusal("sampling none"), Catch::Contains("a whole number is expected"));
  CHECK_THAT(refusal("sampling 0"), Catch::Contains("a whole number is expected"));
}

TEST_CASE("tenants delivers what is of an allowed tenant") {
  Filter filter("tenants acme, globex");
  const auto of = [](const char* tenant) { return Message{{{"tenant", tenant}}}; };
  CHECK(filter.judge({of("acme"), of("globex"), of("acm"), of("initech"), Message{}}) ==
        Verdicts{deliver, deliver, skip, skip, skip});
}

TEST_CASE("json_field finds a value at a path") {
  Filter filter(R"(json_field customer.country = "DE")");
  CHECK(filter.verdict(body(R"({"customer":{"country":"DE"}})")) == deliver);
  CHECK(filter.verdict(body(R"( { "id" : [1, {"country":"DE"}, "}"], "customer" :
                             { "name" : "a\"b\\", "country" : "DE" } } )")) == deliver);
  CHECK(filter.verdict(body(R"({"customer":{"country":"D\u0045"}})")) == deliver);
  CHECK(filter.verdict(body(R"({"customer":{"country":"FR"},"country":"DE"})")) == skip);
  CHECK(filter.verdict(body(R"({"country":"DE"})")) == skip);
  CHECK(filter.verdict(body(R"({"customer":"DE"})")) == skip);
  CHECK(filter.verdict(body(R"({"customer":null})")) == skip);
}

TEST_CASE("json_field compares numbers by value, and knows true, false and null") {
  const auto is = [](const std::string& arguments, const std::string& text) {
    Filter filter("json_field " + arguments);
    return filter.verdict(body(text)) == deliver;
  };
  CHECK(is("a.2.b = 3", R"({"a":[0,{"b":3.0}]})"));
  CHECK(is("a.2.b = 3e0", R"({"a":[{},{"b":3}]})"));
  CHECK_FALSE(is("a.1.b = 3", R"({"a":[0,{"b":3}]})"));
  CHECK_FALSE(is("a = 3", R"({"a":"3"})"));
  CHECK(is("a = true", R"({"a":true})"));
  CHECK_FALSE(is("a = \"true\"", R"({"a":true})"));
  CHECK(is("a = null", R"({"a":null})"));
  CHECK(is("2 = \"x y\"", R"(["a", "x y"])"));
}

TEST_CASE("json_field does not deliver what is no JSON, and does not fail on it") {
  Filter filter("json_field a.b = 1");
  for (const char* text :
       {"", " ", "{", "[", "}", "{\"a\"", "{\"a\":", "{\"a\":{", "{\"a\":{\"b\"", "{\"a\":{\"b\":",
        "{a:{b:1}}", "\"a", "nonsense", "{\"a\" \"b\"}", "{\"x\":\"\\", "[[[[[[[[[[", "{\"x\":]"}) {
    INFO(text);
    CHECK(filter.verdict(body(text)) == skip);
  }
  CHECK(filter.verdict(body("{\"x\":" + std::string(100'000, '[') + "}")) == skip);
  CHECK(filter.verdict(body("{\"x\":\"" + std::string(1'000'000, 'x') + "\",\"a\":{\"b\":1}}")) == skip);
  CHECK(filter.verdict(body("{\"x\":\"" + std::string(60'000, 'x') + "\",\"a\":{\"b\":1}}")) == deliver);
  CHECK(filter.fact("use of script json_field (a.b = 1)", "errors") == "0");
  CHECK_THAT(refusal("json_field a = x"), Catch::Contains("the value is no text in quotes"));
}

TEST_CASE("time_window delivers what was sent in its hours") {
  const auto sent = [](Filter& filter, int64_t born_ms) {
    gantry_message message = Message{}.view();
    message.born_ms = born_ms;
    const gantry_batch batch{sizeof batch, sizeof message, 1, 0, &message};
    uint8_t verdict = 99;
    filter.host.on_shard([&](const gantry_call& call) {
      filter.table->match(filter.compiled.program, &call, &batch, &verdict);
    });
    return int{verdict};
  };
  Filter day("time_window 08:00-18:00");
  CHECK(sent(day, ms(0, 7, 59)) == skip);
  CHECK(sent(day, ms(0, 8)) == deliver);
  CHECK(sent(day, ms(20'000, 17, 59)) == deliver);
  CHECK(sent(day, ms(20'000, 18)) == skip);
  Filter night("time_window 18:00-08:00 thu");
  CHECK(sent(night, ms(0, 18)) == deliver);
  CHECK(sent(night, ms(1, 7)) == deliver);  // Friday morning, of Thursday's window
  CHECK(sent(night, ms(1, 18)) == skip);
  CHECK(sent(night, ms(0, 7)) == skip);     // of Wednesday's
  Filter ahead("time_window 00:00-24:00 fri +60");
  CHECK(sent(ahead, ms(0, 22, 59)) == skip);
  CHECK(sent(ahead, ms(0, 23)) == deliver);
  CHECK_THAT(refusal("time_window 18:00"), Catch::Contains("a window is expected"));
  CHECK_THAT(refusal("time_window 18:00-25:00"), Catch::Contains("a time is expected"));
  CHECK_THAT(refusal("time_window 18:00-19:00 someday"), Catch::Contains("a day is expected"));
}

TEST_CASE("key_pattern delivers what has a key that matches") {
  Filter filter("key_pattern ^R%-%d+$");
  CHECK(filter.judge({keyed("R-17"), keyed("O-1 R-2"), keyed("R-x"), keyed("xR-1"), Message{}}) ==
        Verdicts{deliver, deliver, skip, skip, skip});
}
