#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "protocol/codes.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"

namespace gantry::protocol {
namespace {

// As the C ABI hands them over.
struct CText {
  const char* data;
  std::uint64_t size;
};
struct CField {
  CText key;
  CText value;
};

CField field(std::string_view key, std::string_view value) {
  return {{key.data(), key.size()}, {value.data(), value.size()}};
}

Fields send_fields() {
  SendMessageHeader header;
  header.topic = "t";
  header.producer_group = "p";
  header.default_topic = "TBW102";
  return write_send_header(header, SendForm::v2);
}

}  // namespace

TEST_CASE("fields of the C ABI and of the standard library are read alike") {
  const std::array c = {field("queueId", "7"), field("topic", "t")};
  FieldReader from_c{std::span<const CField>(c)};
  CHECK(from_c.i32("queueId") == 7);
  CHECK(from_c.text("topic") == "t");
  const Fields pairs = {{"queueId", "7"}, {"topic", "t"}};
  FieldReader from_pairs(pairs);
  CHECK(from_pairs.i64("queueId") == 7);
  CHECK(from_pairs.ok());
}

TEST_CASE("the first thing wrong with fields is kept and names field and value") {
  const Fields fields = {{"queueId", "zero"}, {"offset", "9223372036854775808"}};
  FieldReader in(fields);
  CHECK(in.i32("queueId") == 0);
  CHECK(in.text("topic").empty());
  CHECK(in.error().text ==
        "the request header's field queueId is \"zero\", not a 32-bit whole number");
  FieldReader missing(fields);
  CHECK(missing.text("topic").empty());
  CHECK(missing.error().text == "the request header has no field topic");
  FieldReader large(fields);
  CHECK(large.i64_or("offset", 5) == 5);
  CHECK_FALSE(large.ok());
  FieldReader absent(fields);
  CHECK(absent.i64_or("nothing", 5) == 5);
  CHECK(absent.flag_or("nothing", true));
  CHECK(absent.optional_i32("nothing") == std::nullopt);
  CHECK(absent.ok());
}

TEST_CASE("a long value is cut in an error") {
  const Fields fields = {{"n", std::string(100'000, '9')}};
  FieldReader in(fields);
  in.i32("n");
  CHECK(in.error().text.size() < 200);
}

TEST_CASE("whole numbers and truths are Java's") {
  CHECK(parse_i32("+5") == 5);
  CHECK(parse_i32("-2147483648") == INT32_MIN);
  CHECK_FALSE(parse_i32("2147483648"));
  for (const char* text : {"", "+", "-", "+-5", " 5", "5 ", "0x5", "5.0"}) {
    INFO(text);
    CHECK_FALSE(parse_i64(text));
  }
  CHECK(parse_bool("TRUE"));
  CHECK_FALSE(parse_bool("1"));
  CHECK_FALSE(parse_bool("yes"));
}

TEST_CASE("a send header with letters is read whole") {
  const Fields fields = {{"a", "p"},    {"b", "t"},    {"c", "TBW102"}, {"d", "4"},    {"e", "-1"},
                         {"f", "1"},    {"g", "1700"}, {"h", "9"},      {"i", "K\1v"}, {"j", "2"},
                         {"k", "true"}, {"l", "16"},   {"m", "true"},   {"n", "b"},    {"zz", "?"}};
  const auto header = read_send_header(fields, SendForm::v2);
  REQUIRE(header.has_value());
  SendMessageHeader expected{"p", "t", "TBW102", 4, -1, 1, 1700, 9, "K\1v", 2, true, 16, true, "b"};
  CHECK(*header == expected);
}

TEST_CASE("a send header says which of its fields is missing or malformed") {
  for (const char* letter : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    Fields fields = send_fields();
    std::erase_if(fields, [letter](const auto& f) { return f.first == letter; });
    const auto header = read_send_header(fields, SendForm::v2);
    REQUIRE_FALSE(header.has_value());
    CHECK(header.error().text == "the request header has no field " + std::string(letter));
  }
  Fields fields = send_fields();
  fields[4].second = "zero";
  CHECK(read_send_header(fields, SendForm::v2).error().text ==
        "the request header's field e is \"zero\", not a 32-bit whole number");
}

TEST_CASE("which names a send uses depends on its code") {
  CHECK(send_form_of(request_code::send_message) == SendForm::v1);
  CHECK(send_form_of(request_code::send_reply_message) == SendForm::v1);
  CHECK(send_form_of(request_code::send_message_v2) == SendForm::v2);
  CHECK(send_form_of(request_code::send_batch_message) == SendForm::v2);
  CHECK(send_form_of(request_code::send_reply_message_v2) == SendForm::v2);
}

TEST_CASE("a pull header without its offset is refused") {
  PullMessageHeader header;
  header.consumer_group = "g";
  header.topic = "t";
  Fields fields = write_pull_header(header);
  REQUIRE(read_pull_header(fields).has_value());
  std::erase_if(fields, [](const auto& f) { return f.first == "queueOffset"; });
  CHECK(read_pull_header(fields).error().text == "the request header has no field queueOffset");
}

}  // namespace gantry::protocol
