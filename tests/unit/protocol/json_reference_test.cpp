#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace {

std::string resolved(std::string_view text) {
  const auto value = read_json(text);
  return value.has_value() ? write_json(*value) : value.error().text;
}

}  // namespace

TEST_CASE("a reference becomes a copy of what it names") {
  CHECK(resolved(R"({"a":{"b":[1,2]},"c":{"$ref":"$.a"}})") ==
        R"({"a":{"b":[1,2]},"c":{"b":[1,2]}})");
  CHECK(resolved(R"({"a":{"b":[1,2]},"c":{"$ref":"$.a.b[1]"}})") == R"({"a":{"b":[1,2]},"c":2})");
  CHECK(resolved(R"([{"x":1},{"$ref":"$[0]"}])") == R"([{"x":1},{"x":1}])");
  CHECK(resolved(R"({"%a.b":1,"c":{"$ref":"$.\\%a\\.b"}})") == R"({"%a.b":1,"c":1})");
  CHECK(resolved(R"({"a b":1,"c":{"$ref":"$['a b']"}})") == R"({"a b":1,"c":1})");
  CHECK(resolved(R"({0:"x","c":{"$ref":"$[0]"}})") == R"({"0":"x","c":"x"})");
}

TEST_CASE("a heartbeat may name the same subscription twice") {
  const auto beat = read_body<HeartbeatData>(R"({"clientID":"c","consumerDataSet":[
    {"groupName":"g1","subscriptionDataSet":[{"topic":"t","subString":"*","subVersion":7}]},
    {"groupName":"g2","subscriptionDataSet":[
      {"$ref":"$.consumerDataSet[0].subscriptionDataSet[0]"}]}]})");
  REQUIRE(beat.has_value());
  CHECK(beat->consumers[1].subscriptions == beat->consumers[0].subscriptions);
  CHECK(beat->consumers[1].subscriptions[0].version == 7);
}

TEST_CASE("a reference to what contains it is an error, since a tree cannot hold itself") {
  const char* contains = R"(byte 5: the reference "$" names a value that contains it)";
  CHECK(resolved(R"({"a":{"$ref":"$"}})") == contains);
  CHECK(resolved(R"({"a":{"$ref":".."}})") ==
        R"(byte 5: the reference ".." names a value that contains it)");
  CHECK(resolved(R"({"a":{"$ref":"@"}})") ==
        R"(byte 5: the reference "@" names a value that contains it)");
  CHECK(resolved(R"({"a":{"b":{"$ref":"$.a"}}})") ==
        R"(byte 10: the reference "$.a" names a value that contains it)");
}

TEST_CASE("a reference to nothing is an error") {
  for (const char* path : {"$.b", "$.a[9]", "$.a[", "$.a[]", "x", "", "$a", "$.c"}) {
    INFO(path);
    const auto value = read_json(R"({"a":[1],"c":{"$ref":")" + std::string(path) + R"("},"d":1})");
    CHECK_FALSE(value.has_value());
  }
}

TEST_CASE("an object that has $ref beside other members is just an object") {
  CHECK(resolved(R"({"a":{"$ref":"$.x","b":1}})") == R"({"a":{"$ref":"$.x","b":1}})");
  CHECK(resolved(R"({"a":{"$ref":5}})") == R"({"a":{"$ref":5}})");
}

TEST_CASE("references that multiply are stopped") {
  std::string text = R"({"v0":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])";
  for (int i = 1; i < 30; ++i) {
    const std::string ref = R"({"$ref":"$.v)" + std::to_string(i - 1) + "\"}";
    text += ",\"v" + std::to_string(i) + "\":[" + ref + "," + ref + "," + ref + "]";
  }
  const auto value = read_json(text + "}");
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().text.find("makes more than 16777216 copied bytes") != std::string::npos);
}

TEST_CASE("references that nest are stopped") {
  std::string text = R"({"v0":[1])";
  for (int i = 1; i < 100; ++i) {
    text += ",\"v" + std::to_string(i) + "\":[{\"$ref\":\"$.v" + std::to_string(i - 1) + "\"}]";
  }
  const auto value = read_json(text + "}");
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().text.find("nests deeper than 64") != std::string::npos);
}

}  // namespace gantry::protocol
