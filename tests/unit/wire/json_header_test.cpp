#include <catch2/catch.hpp>

#include "unit/wire/wire_support.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace {

std::string nested(size_t depth, std::string_view open, std::string_view close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (size_t i = 0; i < depth; ++i) text += close;
  return text;
}

std::string value_of(std::string_view text) {
  const Decoded decoded = decode_json("{\"extFields\":{\"k\":" + std::string(text) + "}}");
  INFO(text);
  REQUIRE_FALSE(decoded.error);
  REQUIRE(decoded.header.fields);
  const auto at = decoded.header.fields->find("k");
  return at == decoded.header.fields->end() ? "(no field)" : at->second;
}

}  // namespace

TEST_CASE("keys come in any order, unknown ones are passed over") {
  const Decoded decoded = decode_json(
      "\t{ \"new\" : [ 1, {\"a\":\"}\\\"\"}, [] , {} , -1.5e+3, true,false,null ],\r\n"
      "\"flag\":1,\"extFields\":{\"b\":\"2\",\"a\":\"1\"},\"opaque\":-7,\"x\":{\"y\":{}},"
      "\"version\":479,\"language\":\"GO\",\"code\":105} \n");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header ==
        OwnedHeader{105, language::go, 479, -7, 1, std::nullopt, {{{"a", "1"}, {"b", "2"}}}});
}

TEST_CASE("what is missing is zero, Java and absent") {
  const Decoded decoded = decode_json("{}");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header == OwnedHeader{});
}

TEST_CASE("null is a missing value") {
  const Decoded decoded =
      decode_json(R"({"code":null,"remark":null,"extFields":null,"language":null})");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header == OwnedHeader{0, language::other, 0, 0, 0, std::nullopt, std::nullopt});
}

TEST_CASE("empty remark and empty fields are not missing ones") {
  const Decoded decoded = decode_json(R"({"remark":"","extFields":{}})");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header.remark == "");
  CHECK(decoded.header.fields == std::map<std::string, std::string>());
}

TEST_CASE("field values that are not strings become their text") {
  CHECK(value_of("5") == "5");
  CHECK(value_of("-1.50e3") == "-1.50e3");
  CHECK(value_of("true") == "true");
  CHECK(value_of("false") == "false");
  CHECK(value_of("null") == "(no field)");
  CHECK(value_of("{\"x\":[1,\"\\n\"]}") == "{\"x\":[1,\"\\n\"]}");
  CHECK(value_of("[]") == "[]");
}

TEST_CASE("escapes become the characters they stand for") {
  CHECK(value_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(value_of(R"("\u0041\u00e9\u4E2D\u0001")") == "A\u00e9\u4e2d\x01");
  CHECK(value_of(R"("x\ud83d\ude00y")") == "x\U0001F600y");
  CHECK(value_of(R"("\u0000")") == std::string(1, '\0'));
  CHECK(value_of(R"("KEYS\u0001k1\u0002WAIT\u0001true\u0002 and more than a block of it")") ==
        "KEYS\x01k1\x02WAIT\x01true\x02 and more than a block of it");
}

TEST_CASE("half a surrogate pair becomes the replacement character") {
  CHECK(value_of(R"("\ud83d")") == "\uFFFD");
  CHECK(value_of(R"("\ude00x")") == "\uFFFDx");
  CHECK(value_of(R"("\ud83d\u0041")") == "\uFFFDA");
  CHECK(value_of(R"("\ud83d\ud83d\ude00")") == "\uFFFD\U0001F600");
  CHECK(value_of(R"("\ud83d\uffee")") == "\uFFFD\uFFEE");
  CHECK(value_of(R"("\ud83d\n")") == "\uFFFD\n");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  CHECK(value_of("\"a\xffz\"") == "a\uFFFDz");
  CHECK(value_of("\"\xe4\xb8\"") == "\uFFFD");
  CHECK(value_of("\"\xc0\xaf\"") == "\uFFFD\uFFFD");
  CHECK(value_of("\"\xed\xa0\x80\"") == "\uFFFD\uFFFD\uFFFD");
  CHECK(value_of("\"\xf4\x90\x80\x80\"") == "\uFFFD\uFFFD\uFFFD\uFFFD");
  CHECK(value_of("\"\xe4\\u00b8\xad\"") == "\uFFFD\u00b8\uFFFD");
  CHECK(value_of("\"\u4e2d\u6587 \U0001F600\"") == "\u4e2d\u6587 \U0001F600");
  // Every byte a broken one, and escapes too: the most a text can grow.
  const std::string broken = "\\n" + std::string(5000, '\xff');
  CHECK(value_of("\"" + broken + "\"").size() == 1 + 3 * 5000);
}

TEST_CASE("a text ends where it ends at every distance from a block's border") {
  for (size_t size = 0; size < 70; ++size) {
    const std::string plain(size, 'p');
    CHECK(value_of("\"" + plain + "\"") == plain);
    CHECK(value_of("\"" + plain + "\\t\"") == plain + "\t");
    CHECK(value_of("\"\\t" + plain + "\"") == "\t" + plain);
    CHECK(value_of("\"" + plain + "\u4e2d\"") == plain + "\u4e2d");
    CHECK(value_of("\"" + plain + "\xff\"") == plain + "\uFFFD");
  }
}

TEST_CASE("the last of several values of one key counts") {
  const Decoded decoded = decode_json(
      R"({"code":1,"code":2,"remark":"a","remark":"b","extFields":{"k":"1","l":"0","k":"2"}})");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header.code == 2);
  CHECK(decoded.header.remark == "b");
  CHECK(decoded.header.fields == std::map<std::string, std::string>{{"k", "2"}, {"l", "0"}});

  const Decoded again = decode_json(R"({"extFields":{"a":"1"},"extFields":{"b":"2"}})");
  CHECK(again.header.fields == std::map<std::string, std::string>{{"b", "2"}});
  CHECK_FALSE(decode_json(R"({"extFields":{"a":"1"},"extFields":null})").header.fields);
}

TEST_CASE("a decoded header has no key twice") {
  const ByteString bytes = bytes_of(R"({"extFields":{"k":"1","l":"0","k":"2"}})");
  HeaderScratch scratch;
  Header header;
  REQUIRE_FALSE(decode_header({Serialize::json, bytes, {}, 0}, scratch, header));
  REQUIRE(header.fields.size() == 2);
  CHECK(find(header.fields, "k")->view() == "2");
}

TEST_CASE("there are at most 256 different fields") {
  const auto with_fields = [](uint64_t count) {
    std::string text = "{\"extFields\":{";
    for (uint64_t i = 0; i < count; ++i) {
      text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
    }
    return decode_json(text + "}}");
  };
  CHECK(with_fields(ext_fields_max).header.fields->size() == ext_fields_max);
  CHECK(with_fields(ext_fields_max + 1).error == Errc::ext_fields_too_many);
  std::string same = "{\"extFields\":{\"k\":1";
  for (int i = 0; i < 1000; ++i) same += ",\"k\":2";
  CHECK(decode_json(same + "}}").header.fields->at("k") == "2");
}

TEST_CASE("numbers reach from the smallest to the largest of 32 bits") {
  CHECK(decode_json(R"({"opaque":2147483647})").header.opaque == 2147483647);
  CHECK(decode_json(R"({"opaque":-2147483648})").header.opaque == -2147483647 - 1);
  CHECK(decode_json(R"({"opaque":"-12"})").header.opaque == -12);
}

TEST_CASE("a malformed JSON header says what is wrong") {
  struct Case {
    std::string text;
    Errc error;
  };
  const Case cases[] = {
      {"", Errc::json_not_an_object},
      {"  ", Errc::json_not_an_object},
      {"[]", Errc::json_not_an_object},
      {"null", Errc::json_not_an_object},
      {"\"{}\"", Errc::json_not_an_object},
      {"{", Errc::json_ends_early},
      {"{\"code", Errc::json_ends_early},
      {"{\"code\"", Errc::json_ends_early},
      {"{\"code\":", Errc::json_ends_early},
      {"{\"code\":1", Errc::json_ends_early},
      {"{\"code\":\"1", Errc::json_ends_early},
      {"{\"code\":1,", Errc::json_ends_early},
      {"{\"remark\":\"abc\\", Errc::json_ends_early},
      {"{\"remark\":\"abc\\u12", Errc::json_ends_early},
      {"{\"remark\":\"abc\\n", Errc::json_ends_early},
      {"{\"x\":[1,", Errc::json_ends_early},
      {"{\"x\":\"\\", Errc::json_ends_early},
      {"{\"x\":tru", Errc::json_ends_early},
      {"{\"x\":-", Errc::json_ends_early},
      {"{}x", Errc::json_bytes_left_over},
      {"{} {}", Errc::json_bytes_left_over},
      {std::string("{}\0", 3), Errc::json_bytes_left_over},
      {"{,}", Errc::json_malformed},
      {"{\"code\":1,}", Errc::json_malformed},
      {"{\"code\" 1}", Errc::json_malformed},
      {"{\"code\":1 \"flag\":1}", Errc::json_malformed},
      {"{code:1}", Errc::json_malformed},
      {"{\"x\":[1}", Errc::json_malformed},
      {"{\"x\":{\"y\":1]}", Errc::json_malformed},
      {"{\"x\":{1:2}}", Errc::json_malformed},
      {"{\"x\":nul}", Errc::json_malformed},
      {"{\"x\":.5}", Errc::json_malformed},
      {"{\"x\":1.}", Errc::json_malformed},
      {"{\"x\":+1}", Errc::json_malformed},
      {"{\"x\":}", Errc::json_malformed},
      {"{\"remark\":\"\\x\"}", Errc::json_string_malformed},
      {"{\"remark\":\"\\u12g4\"}", Errc::json_string_malformed},
      {"{\"remark\":\"\\ud83d\\uzzzz\"}", Errc::json_string_malformed},
      {"{\"code\":1.5}", Errc::code_invalid},
      {"{\"code\":1e3}", Errc::code_invalid},
      {"{\"code\":true}", Errc::code_invalid},
      {"{\"code\":{}}", Errc::code_invalid},
      {"{\"code\":\"\"}", Errc::code_invalid},
      {"{\"code\":\"1x\"}", Errc::code_invalid},
      {"{\"code\":2147483648}", Errc::code_invalid},
      {"{\"version\":-2147483649}", Errc::version_invalid},
      {"{\"opaque\":99999999999999999999999999}", Errc::opaque_invalid},
      {"{\"flag\":-}", Errc::flag_invalid},
      {"{\"language\":[]}", Errc::language_invalid},
      {"{\"extFields\":[]}", Errc::ext_fields_invalid},
      {"{\"extFields\":\"a\"}", Errc::ext_fields_invalid},
      {"{\"x\":" + nested(10000, "[", "]") + "}", Errc::json_nested_too_deep},
      {"{\"extFields\":{\"x\":" + nested(10000, "{\"a\":", "}") + "}}", Errc::json_nested_too_deep},
      {"{\"x\":" + std::string(100000, '[') + "}", Errc::json_nested_too_deep},
  };
  for (const Case& c : cases) {
    INFO(c.text.substr(0, 60));
    const Decoded decoded = decode_json(c.text);
    CHECK(decoded.error == c.error);
    CHECK(decoded.error.message() == ErrorCode(c.error).message());
  }
}

TEST_CASE("values nested as deep as allowed are passed over") {
  CHECK_FALSE(decode_json("{\"x\":" + nested(json_nesting_max, "[", "]") + "}").error);
  CHECK(decode_json("{\"x\":" + nested(json_nesting_max + 1, "[", "]") + "}").error ==
        Errc::json_nested_too_deep);
  CHECK_FALSE(decode_json("{\"x\":" + nested(json_nesting_max / 2, "[{\"a\":", "}]") + "}").error);
}

TEST_CASE("every cut of a header is an error") {
  const std::string text =
      R"({"code":105,"x":[{"a":null},-1.5e2],"remark":"r\u00e9\n","extFields":{"k":"v","n":5},)"
      R"("language":"JAVA","opaque":"7"})";
  REQUIRE_FALSE(decode_json(text).error);
  for (size_t size = 0; size < text.size(); ++size) {
    INFO(text.substr(0, size));
    CHECK(decode_json(text.substr(0, size)).error);
  }
}
