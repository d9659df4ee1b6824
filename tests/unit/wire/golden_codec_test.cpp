// The cases of codec.jsonl that are about frames and headers: what the Java classes made of them.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "support/golden.hpp"
#include "unit/wire/golden_frames.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace json = boost::json;

namespace {

// Java has null where we have OTHER, and takes an empty compact value for null.
OwnedHeader expected_header(const json::object& out) {
  OwnedHeader expected;
  expected.code = out.at("code").to_number<int32_t>();
  expected.language =
      out.at("language").is_null() ? language::other : language_number(text_of(out.at("language")));
  expected.version = out.at("version").to_number<int32_t>();
  expected.opaque = out.at("opaque").to_number<int32_t>();
  expected.flag = out.at("flag").to_number<int32_t>();
  if (!out.at("remark").is_null()) expected.remark = text_of(out.at("remark"));
  if (!out.at("extFields").is_object()) return expected;
  expected.fields.emplace();
  const bool compact = out.at("serializeType").as_string() == "ROCKETMQ";
  for (const auto& [key, value] : out.at("extFields").as_object()) {
    if (value.is_null() && !compact) continue;
    expected.fields->emplace(key, value.is_null() ? "" : text_of(value));
  }
  return expected;
}

void check_frame(const ByteString& bytes, const json::object& out) {
  HeaderScratch scratch;
  const auto message = decode_frame(bytes, scratch);
  REQUIRE(message.has_value());
  CHECK(own(message->header) == expected_header(out));
  const std::string body =
      out.at("bodyHex").is_null() ? "" : std::string(out.at("bodyHex").as_string());
  CHECK(ByteString(message->body.begin(), message->body.end()) == from_hex(body));
}

void check_json_header(const json::object& line) {
  const Decoded decoded = decode_json(line.at("in").as_string());
  if (line.contains("error")) {
    CHECK(decoded.error);
    return;
  }
  REQUIRE_FALSE(decoded.error);
  OwnedHeader expected = expected_header(line.at("out").as_object());
  // A request that names none gets a number of Java's own; a decoder has none to give.
  if (line.at("in").as_string().find("opaque") == json::string::npos) expected.opaque = 0;
  CHECK(decoded.header == expected);
}

// These begin behind the length word.
void check_frame_decode(const json::object& line) {
  const ByteString rest = from_hex(line.at("in").as_string());
  ByteString bytes(length_bytes);
  store_be(bytes.data(), static_cast<uint32_t>(rest.size()));
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  HeaderScratch scratch;
  if (line.contains("error")) {
    CHECK(decode_frame(bytes, scratch).has_error());
  } else {
    check_frame(bytes, line.at("out").as_object());
  }
}

// What we write of the header Java wrote, byte for byte; field order is the frame's.
void check_compact_bytes(const ByteString& bytes) {
  HeaderScratch scratch;
  const auto message = decode_frame(bytes, scratch);
  REQUIRE(message.has_value());
  if (message->serialize != Serialize::compact) return;
  ByteSink sink;
  REQUIRE_FALSE(encode_head(Serialize::compact, message->header, message->body.size(), sink));
  sink.append(message->body);
  CHECK(ByteString(sink.bytes().begin(), sink.bytes().end()) == bytes);
}

}  // namespace

TEST_CASE("frames and headers are read as the Java classes read them") {
  const auto file = gantry::testing::golden("codec.jsonl");
  if (!file) return;
  std::ifstream in(*file);
  std::string text;
  int count = 0;
  for (int number = 1; std::getline(in, text); ++number) {
    const json::value value = json::parse(text);
    const json::object& line = value.as_object();
    const std::string_view kind = line.at("kind").as_string();
    if (!kind.starts_with("frame-") && !kind.starts_with("json-header-")) continue;
    INFO("codec.jsonl:" << number << " " << text.substr(0, 200));
    ++count;
    if (kind == "json-header-decode") {
      check_json_header(line);
    } else if (kind == "frame-decode") {
      check_frame_decode(line);
    } else {
      const json::object& out = line.at("out").as_object();
      const ByteString bytes = from_hex(out.at("hex").as_string());
      check_frame(bytes, out.at("decodedBack").as_object());
      check_compact_bytes(bytes);
    }
  }
  CHECK(count == 53);
}
