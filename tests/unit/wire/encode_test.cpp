#include "wire/encode.hpp"

#include <catch2/catch.hpp>

#include "unit/wire/wire_support.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace {

std::string json_of(const Header& header) {
  ByteSink sink;
  REQUIRE_FALSE(encode_head(Serialize::json, header, 0, sink));
  const NextFrame next = next_frame(sink.bytes(), sink.size());
  REQUIRE(next.status == FrameStatus::complete);
  return {next.frame.header.begin(), next.frame.header.end()};
}

std::string json_remark(std::string_view remark) {
  Header header;
  header.remark = remark;
  const std::string text = json_of(header);
  const size_t first = text.find("\"remark\":") + 9;
  return text.substr(first, text.size() - first - 1);
}

}  // namespace

TEST_CASE("a header is written as JSON") {
  const Field fields[] = {{Text("topic"), Text("orders")}, {Text("queueId"), Text("0")}};
  Header header = {310, language::cpp, 479, -5, 2, Text("r"), fields, true};
  CHECK(json_of(header) ==
        R"({"code":310,"language":"CPP","version":479,"opaque":-5,"flag":2,"remark":"r",)"
        R"("extFields":{"topic":"orders","queueId":"0"}})");
  header = Header{};
  CHECK(json_of(header) == R"({"code":0,"language":"JAVA","version":0,"opaque":0,"flag":0})");
}

TEST_CASE("empty fields are written if the header has them, and left out if it has none") {
  const Field fields[] = {{Text("a"), Text("b")}};
  Header header;
  header.has_fields = true;
  CHECK(json_of(header).ends_with(R"("extFields":{}})"));
  header.has_fields = false;
  header.fields = fields;
  CHECK(json_of(header).find("extFields") == std::string::npos);
}

TEST_CASE("an empty remark is written, no remark is not") {
  CHECK(json_remark(std::string_view("", 0)) == "\"\"");
  CHECK(json_of(Header{}).find("remark") == std::string::npos);
}

TEST_CASE("characters that JSON does not allow in a string are escaped") {
  CHECK(json_remark("say \"hi\" \\ there") == R"("say \"hi\" \\ there")");
  CHECK(json_remark("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(json_remark(std::string_view("\x00\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(json_remark("\u4e2d \U0001F600 \u2028") == "\"\u4e2d \U0001F600 \u2028\"");
  CHECK(json_remark("a\xff\xe4\xb8z") == "\"a\uFFFD\uFFFDz\"");
}

TEST_CASE("every byte at every distance from a block's border survives JSON") {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (size_t size = 0; size < 20; ++size) {
      const std::string text = std::string(size, 'x') + static_cast<char>(byte) + "tail";
      Header header;
      header.remark = std::string_view(text);
      REQUIRE(round_trip(Serialize::json, header).remark == text);
    }
  }
}

TEST_CASE("texts that grow sixfold survive") {
  const std::string text(100000, '\x01');
  const Field fields[] = {{Text(std::string_view(text)), Text(std::string_view(text))}};
  Header header;
  header.remark = std::string_view(text);
  header.fields = fields;
  header.has_fields = true;
  CHECK(round_trip(Serialize::json, header) == own(header));
  CHECK(round_trip(Serialize::compact, header) == own(header));
}

TEST_CASE("a header is written in the compact form") {
  const Field fields[] = {{Text("a"), Text("bc")}};
  const Header header = {105, language::go, 479, 7, 1, Text("ok"), fields, true};
  ByteSink sink;
  REQUIRE_FALSE(encode_head(Serialize::compact, header, 3, sink));
  CHECK(ByteString(sink.bytes().begin(), sink.bytes().end()) ==
        from_hex("00000027 01000020 0069 09 01df 00000007 00000001 00000002 6f6b 00000009 0001 61 "
                 "00000002 6263"));
}

TEST_CASE("a header that the compact form cannot say goes out as JSON") {
  const auto sent_as = [](const Header& header) {
    ByteSink sink;
    REQUIRE_FALSE(encode_head(Serialize::compact, header, 0, sink));
    CHECK(round_trip(Serialize::compact, header) == own(header));
    return next_frame(sink.bytes(), sink.size()).frame.serialize;
  };
  Header header;
  header.code = 32767;
  header.version = -32768;
  CHECK(fits_compact(header));
  CHECK(sent_as(header) == Serialize::compact);
  header.code = 200050;
  CHECK_FALSE(fits_compact(header));
  CHECK(sent_as(header) == Serialize::json);
  header.code = 0;
  header.version = 70000;
  CHECK_FALSE(fits_compact(header));

  const std::string long_key(32768, 'k');
  const Field fields[] = {{Text(std::string_view(long_key)), Text("v")}};
  header = Header{};
  header.fields = fields;
  CHECK(fits_compact(header));
  header.has_fields = true;
  CHECK_FALSE(fits_compact(header));
  CHECK(sent_as(header) == Serialize::json);
}

TEST_CASE("an unknown language is written as OTHER") {
  Header header;
  header.language = 4711;
  CHECK(round_trip(Serialize::json, header).language == language::other);
  CHECK(round_trip(Serialize::compact, header).language == language::other);
}

TEST_CASE("frames follow each other in one sink, their lengths count the bodies") {
  ByteSink sink;
  const Header header;
  REQUIRE_FALSE(encode_head(Serialize::json, header, 0, sink));
  const uint64_t first_size = sink.size();
  REQUIRE_FALSE(encode_head(Serialize::compact, header, 1000, sink));
  CHECK(next_frame(sink.bytes(), 4096).frame.size == first_size);
  CHECK(next_frame(sink.bytes().subspan(first_size), 4096).needed ==
        sink.size() - first_size + 1000);
}

TEST_CASE("a frame that would be too large is refused and leaves the sink as it was") {
  ByteSink sink;
  const Header header;
  REQUIRE_FALSE(encode_head(Serialize::compact, header, 0, sink));
  const uint64_t head_bytes = sink.size();
  const auto encode = [&](uint64_t body_bytes, uint64_t frame_bytes_max) {
    return encode_head(Serialize::compact, header, body_bytes, sink, frame_bytes_max);
  };
  CHECK(encode(frame_bytes_max_default - head_bytes + 1, frame_bytes_max_default) ==
        Errc::frame_oversized);
  CHECK(encode(UINT64_MAX, UINT64_MAX) == Errc::frame_oversized);
  CHECK(encode(0x80000000, UINT64_MAX) == Errc::frame_oversized);
  CHECK(encode(0, head_bytes - 1) == Errc::frame_oversized);
  CHECK(sink.size() == head_bytes);
  CHECK_FALSE(encode(frame_bytes_max_default - head_bytes, frame_bytes_max_default));
  CHECK(sink.size() == 2 * head_bytes);
}

TEST_CASE("a header that its 24-bit length cannot say is refused") {
  ByteSink sink;
  const std::string plain(header_bytes_max + 1, 'x');
  Header header;
  header.remark = std::string_view(plain);
  CHECK(encode_head(Serialize::json, header, 0, sink, UINT64_MAX) == Errc::header_oversized);
  // It only outgrows the length once its characters are escaped.
  const std::string control(header_bytes_max / 6 + 1, '\x01');
  header.remark = std::string_view(control);
  CHECK(encode_head(Serialize::json, header, 0, sink, UINT64_MAX) == Errc::header_oversized);
  CHECK(sink.empty());
  CHECK_FALSE(encode_head(Serialize::compact, header, 0, sink, UINT64_MAX));
}

TEST_CASE("a sink keeps its bytes when it grows or moves") {
  ByteSink sink;
  ByteString expected;
  for (int i = 0; i < 2000; ++i) {
    const uint8_t byte = static_cast<uint8_t>(i);
    sink.append({&byte, 1});
    expected.push_back(byte);
  }
  ByteSink moved = std::move(sink);
  CHECK(ByteString(moved.bytes().begin(), moved.bytes().end()) == expected);
  CHECK(sink.empty());  // NOLINT: a moved-from sink is an empty one
  CHECK(sink.capacity() == 0);
  moved.truncate(5000);
  CHECK(moved.size() == 2000);
  moved.truncate(3);
  CHECK(moved.size() == 3);
  moved.clear_keeping(moved.capacity());
  CHECK(moved.capacity() >= 2000);
  moved.clear_keeping(10);
  CHECK(moved.capacity() == 0);
  sink = std::move(moved);
  sink.append(expected);
  CHECK(sink.size() == expected.size());
}
