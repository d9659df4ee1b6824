#include <catch2/catch.hpp>

#include "unit/wire/wire_support.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

TEST_CASE("a frame decodes to its header, serialization and body") {
  const ByteString bytes = make_frame(0, bytes_of(R"({"code":10,"flag":2})"), "body");
  HeaderScratch scratch;
  const auto message = decode_frame(bytes, scratch);
  REQUIRE(message.has_value());
  CHECK(message->header.code == 10);
  CHECK(is_oneway(message->header));
  CHECK(message->serialize == Serialize::json);
  CHECK(bytes_of("body") == ByteString(message->body.begin(), message->body.end()));
}

TEST_CASE("a frame that is cut, followed by more or damaged is refused") {
  ByteString bytes = make_frame(0, bytes_of(R"({"code":10})"), "body");
  HeaderScratch scratch;
  CHECK(decode_frame(Bytes(bytes).first(2), scratch).error() == Errc::frame_incomplete);
  CHECK(decode_frame(Bytes(bytes).first(bytes.size() - 1), scratch).error() ==
        Errc::frame_incomplete);
  bytes.push_back(0);
  CHECK(decode_frame(bytes, scratch).error() == Errc::frame_bytes_left_over);
  bytes.pop_back();
  bytes[8] = '[';
  CHECK(decode_frame(bytes, scratch).error() == Errc::json_not_an_object);
  bytes[4] = 9;
  CHECK(decode_frame(bytes, scratch).error() == Errc::serialization_unknown);
}

TEST_CASE("texts without escapes lie in the frame, texts with escapes in the scratch") {
  const ByteString bytes = make_frame(
      0, bytes_of(R"({"code":1,"remark":"as it is","extFields":{"plain":"v","es\u0063":"a\tb"}})"));
  HeaderScratch scratch;
  const auto message = decode_frame(bytes, scratch);
  REQUIRE(message.has_value());
  const auto in_frame = [&](Text text) {
    const auto* at = reinterpret_cast<const uint8_t*>(text.data);
    return at >= bytes.data() && at + text.size <= bytes.data() + bytes.size();
  };
  CHECK(in_frame(message->header.remark));
  REQUIRE(message->header.fields.size() == 2);
  CHECK(in_frame(message->header.fields[0].key));
  CHECK(in_frame(message->header.fields[0].value));
  CHECK_FALSE(in_frame(message->header.fields[1].key));
  CHECK_FALSE(in_frame(message->header.fields[1].value));
  CHECK(message->header.fields[1].key.view() == "esc");
  CHECK(message->header.fields[1].value.view() == "a\tb");
}

TEST_CASE("the header is left alone when decoding fails") {
  const ByteString bytes = bytes_of(R"({"code":10,"opaque":"x"})");
  HeaderScratch scratch;
  Header header;
  header.code = 77;
  CHECK(decode_header({Serialize::json, bytes, {}, 0}, scratch, header) == Errc::opaque_invalid);
  CHECK(header.code == 77);
}

TEST_CASE("a scratch gives the memory of a huge header back") {
  HeaderScratch scratch;
  Header header;
  const ByteString huge =
      bytes_of(R"({"remark":"\n)" + std::string(HeaderScratch::text_bytes_kept_max, 'x') + "\"}");
  REQUIRE_FALSE(decode_header({Serialize::json, huge, {}, 0}, scratch, header));
  CHECK(header.remark.size == HeaderScratch::text_bytes_kept_max + 1);
  CHECK(scratch.text_bytes_held() > HeaderScratch::text_bytes_kept_max);
  const ByteString small = bytes_of("{}");
  REQUIRE_FALSE(decode_header({Serialize::json, small, {}, 0}, scratch, header));
  CHECK(scratch.text_bytes_held() == 0);
}

TEST_CASE("flags tell requests, one-way requests and responses apart") {
  Header header;
  CHECK_FALSE(is_response(header));
  CHECK_FALSE(is_oneway(header));
  header.flag = 2;
  CHECK(is_oneway(header));
  header.flag = 3;
  CHECK(is_response(header));
  CHECK_FALSE(is_oneway(header));
}

TEST_CASE("a field is found by its whole key") {
  const Field fields[] = {{Text("ab"), Text("1")}, {Text("a"), Text(std::string_view("", 0))}};
  CHECK(find(fields, "ab")->view() == "1");
  CHECK(find(fields, "a")->view().empty());
  CHECK_FALSE(find(fields, "b").has_value());
  CHECK_FALSE(find({}, "a").has_value());
}

TEST_CASE("languages have names and numbers, what is unknown is OTHER") {
  CHECK(language_name(language::java) == "JAVA");
  CHECK(language_name(13) == "NODE_JS");
  CHECK(language_name(14) == "OTHER");
  CHECK(language_name(-1) == "OTHER");
  for (int32_t number = 0; number <= 13; ++number) {
    CHECK(language_number(language_name(number)) == number);
  }
  CHECK(language_number("java") == language::java);
  CHECK(language_number("JAVAX") == language::other);
  CHECK(language_number("") == language::other);
  CHECK(known_language(99) == language::other);
}
