#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "protocol/json.hpp"

namespace gantry::protocol {
namespace {

namespace bj = boost::json;

std::string fault(std::string_view text, const JsonLimits& limits = {}) {
  const auto value = read_json(text, limits);
  return value.has_value() ? "none" : value.error().text;
}

std::string legacy(std::string_view text) {
  return write_json(read_json(text).value(), JsonStyle::legacy);
}

}  // namespace

TEST_CASE("numbers as keys become text keys") {
  CHECK(read_json(R"({0:"x",-1:"y","2":"z"})").value() ==
        bj::parse(R"({"0":"x","-1":"y","2":"z"})"));
}

TEST_CASE("objects as keys become text keys that can be read back, whatever their order") {
  const auto value = read_json(R"({ { "topic":"t", "queueId":0,"brokerName":"b"} :5})");
  REQUIRE(value.has_value());
  const std::string key = R"({"brokerName":"b","queueId":0,"topic":"t"})";
  REQUIRE(value->as_object().contains(key));
  CHECK(read_json_key(key).value().at("queueId") == 0);
  CHECK_FALSE(read_json_key("[1]").has_value());
}

TEST_CASE("the whole of standard JSON is read") {
  const char* text =
      R"( {"a":[1,-2,3.5,1e3,-0.25E-2,true,false,null,"",{}],"b":{"c":"\"\\\/\b\f\n\r\t"},
      "u":"\u00e9\u4e2d\ud83d\ude00","big":18446744073709551615,"min":-9223372036854775808} )";
  const auto value = read_json(text);
  REQUIRE(value.has_value());
  CHECK(value->at("a") == bj::parse("[1,-2,3.5,1e3,-0.25E-2,true,false,null,\"\",{}]"));
  CHECK(value->at("b").at("c").as_string() == "\"\\/\b\f\n\r\t");
  CHECK(value->at("u").as_string() == "\u00e9\u4e2d\U0001F600");
  CHECK(value->at("big").as_double() == 18446744073709551616.0);
  CHECK(value->at("min").as_int64() == INT64_MIN);
}

TEST_CASE("of equal keys the last wins") {
  CHECK(read_json(R"({"a":1,"a":2})")->at("a") == 2);
}

TEST_CASE("what is wrong is said with its place") {
  CHECK(fault("") == "byte 0: the document ends here");
  CHECK(fault(R"({"a" 1})") == "byte 5: expected ':' after a key");
  CHECK(fault(R"({"a":1,})") == "byte 7: expected a key");
  CHECK(fault(R"({a:1})") == "byte 1: expected a key");
  CHECK(fault("[1 2]") == "byte 3: expected ',' or ']' in an array");
  CHECK(fault("{} {}") == "byte 3: something follows the document");
  CHECK(fault("[01]") == "byte 1: a number with leading 0");
  CHECK(fault("[-]") == "byte 1: a number without digits");
  CHECK(fault("[1.]") == "byte 1: a number without digits after '.'");
  CHECK(fault("[1e999]") == "byte 1: a number too large: 1e999");
  CHECK(fault("\"abc") == "byte 0: a string without end");
  CHECK(fault("\"a\\x\"") == "byte 2: an unknown escape in a string");
  CHECK(fault("\"\\u12g4\"") == "byte 1: an unknown escape in a string");
  CHECK(fault("\"a\xff\"") == "byte 2: a string that is not UTF-8");
  CHECK(fault("nul") == "byte 0: expected a value");
  CHECK(fault("{{1:2:3}") == "byte 5: expected ',' or '}' in an object");
}

TEST_CASE("half a surrogate pair becomes the replacement character") {
  CHECK(read_json(R"("\ud83dx")")->as_string() == "\uFFFDx");
  CHECK(read_json(R"("\ud83d\u0041")")->as_string() ==
        "\uFFFD"
        "A");
}

TEST_CASE("depth and size are bounded") {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  CHECK(read_json(deep).has_value());
  CHECK(fault("[" + deep + "]") == "byte 64: nested deeper than 64");
  CHECK(fault(std::string(1'000'000, '[')) == "byte 64: nested deeper than 64");
  CHECK(fault(std::string(1'000'000, '{')) == "byte 64: nested deeper than 64");
  JsonLimits small;
  small.bytes_max = 10;
  CHECK(fault("[1,2,3,4,5,6]", small) == "the document has 13 bytes, more than 10");
}

TEST_CASE("doubles are written with a fraction, as Java writes them") {
  CHECK(write_json(bj::value(0.0)) == "0.0");
  CHECK(write_json(bj::value(3.0)) == "3.0");
  CHECK(write_json(bj::value(0.05)) == "0.05");
  CHECK(write_json(bj::value(-1.5)) == "-1.5");
  CHECK(write_json(bj::value(1e7)) == "1.0E7");
  CHECK(write_json(bj::value(1.25e-5)) == "1.25E-5");
  CHECK(write_json(bj::value(1e100)) == "1.0E100");
  CHECK(write_json(bj::value(std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("the legacy style takes quotes off keys only where Java's map has such keys") {
  CHECK(legacy(R"({"brokerAddrs":{"0":"a:1","x":"y"}})") == R"({"brokerAddrs":{0:"a:1","x":"y"}})");
  CHECK(legacy(R"({"table":{"0":"a"}})") == R"({"table":{"0":"a"}})");
  CHECK(legacy(R"({"offsetTable":{"t@g":{"0":5}}})") == R"({"offsetTable":{"t@g":{0:5}}})");
  CHECK(legacy(R"({"offsetTable":{"007":1}})") == R"({"offsetTable":{"007":1}})");
  const std::string mq = R"({"offsetTable":{{"brokerName":"b","queueId":0,"topic":"t"}:5}})";
  CHECK(legacy(mq) == mq);
  CHECK(write_json(read_json(mq).value()) ==
        R"({"offsetTable":{"{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"t\"}":5}})");
}

TEST_CASE("a key that only looks like an object keeps its quotes") {
  const bj::value value = bj::object{{"offsetTable", bj::object{{R"({"a":1},"b":{})", 5}}}};
  CHECK(write_json(value, JsonStyle::legacy) == R"({"offsetTable":{"{\"a\":1},\"b\":{}":5}})");
}

TEST_CASE("the escaped style writes only ASCII and escapes slashes") {
  const bj::value value = bj::object{{"k/\u4e2d", "\U0001F600"}};
  CHECK(write_json(value, JsonStyle::standard_escaped) == R"({"k\/\u4E2D":"\uD83D\uDE00"})");
  CHECK(write_json(value) == "{\"k/\u4e2d\":\"\U0001F600\"}");
}

TEST_CASE("strings that are not UTF-8 are written as something that is") {
  CHECK(write_json(bj::value("a\xff\x01")) == "\"a\uFFFD\\u0001\"");
}

}  // namespace gantry::protocol
