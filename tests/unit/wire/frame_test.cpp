#include "wire/frame.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "unit/wire/wire_support.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace {

constexpr uint64_t limit = 1024;

NextFrame next_of(std::string_view hex) {
  return next_frame(from_hex(hex), limit);
}

}  // namespace

TEST_CASE("a complete frame is cut into header and body") {
  const ByteString bytes = make_frame(1, bytes_of("head"), "body!");
  const NextFrame next = next_frame(bytes, limit);
  REQUIRE(next.status == FrameStatus::complete);
  CHECK(next.frame.serialize == Serialize::compact);
  CHECK(next.frame.size == bytes.size());
  CHECK(bytes_of("head") == ByteString(next.frame.header.begin(), next.frame.header.end()));
  CHECK(bytes_of("body!") == ByteString(next.frame.body.begin(), next.frame.body.end()));
}

TEST_CASE("what follows a frame belongs to the next one") {
  ByteString bytes = make_frame(0, bytes_of("{}"), "one");
  const uint64_t first_size = bytes.size();
  const ByteString second = make_frame(1, bytes_of("x"));
  bytes.insert(bytes.end(), second.begin(), second.end());
  const NextFrame first = next_frame(bytes, limit);
  REQUIRE(first.status == FrameStatus::complete);
  REQUIRE(first.frame.size == first_size);
  const NextFrame next = next_frame(Bytes(bytes).subspan(first_size), limit);
  REQUIRE(next.status == FrameStatus::complete);
  CHECK(next.frame.serialize == Serialize::compact);
  CHECK(next.frame.body.empty());
}

TEST_CASE("a frame fed byte by byte is incomplete until its last byte") {
  const ByteString bytes = make_frame(0, bytes_of(R"({"code":105})"), "some body");
  for (uint64_t size = 0; size < bytes.size(); ++size) {
    const NextFrame next = next_frame(Bytes(bytes).first(size), limit);
    INFO("after " << size << " bytes");
    REQUIRE(next.status == FrameStatus::incomplete);
    CHECK(next.needed == (size < length_bytes ? length_bytes : bytes.size()));
  }
  CHECK(next_frame(bytes, limit).status == FrameStatus::complete);
}

TEST_CASE("a frame may be as large as the limit and no larger") {
  const ByteString bytes = make_frame(0, bytes_of("{}"), std::string(100, 'b'));
  CHECK(next_frame(bytes, bytes.size()).status == FrameStatus::complete);
  const NextFrame next = next_frame(bytes, bytes.size() - 1);
  CHECK(next.status == FrameStatus::malformed);
  CHECK(next.error == Errc::frame_oversized);
}

TEST_CASE("a malformed frame is refused as soon as the bytes that say so are there") {
  struct Case {
    const char* what;
    const char* hex;
    Errc error;
  };
  const Case cases[] = {
      {"length -1", "ffffffff", Errc::frame_length_negative},
      {"smallest length", "80000000", Errc::frame_length_negative},
      {"no room for a header length", "00000003", Errc::frame_too_short},
      {"length zero", "00000000", Errc::frame_too_short},
      {"one above the limit", "000003fd", Errc::frame_oversized},
      {"largest length", "7fffffff", Errc::frame_oversized},
      {"the start of an HTTP request", "474554202f20485454502f312e310d0a", Errc::frame_oversized},
      {"header longer than the frame", "0000000400000001", Errc::header_longer_than_frame},
      {"header of 16 MiB", "0000010000ffffff", Errc::header_longer_than_frame},
      {"serialization 2", "0000000602000002", Errc::serialization_unknown},
      {"serialization 255", "00000006ff000002", Errc::serialization_unknown},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    const NextFrame next = next_of(c.hex);
    REQUIRE(next.status == FrameStatus::malformed);
    CHECK(next.error == c.error);
  }
}

TEST_CASE("the smallest frame has neither header nor body") {
  const NextFrame next = next_of("0000000401000000");
  REQUIRE(next.status == FrameStatus::complete);
  CHECK(next.frame.header.empty());
  CHECK(next.frame.body.empty());
}

TEST_CASE("every wire error has a text of its own") {
  std::vector<std::string> texts;
  for (int code = 1; code <= static_cast<int>(Errc::compact_bytes_left_over); ++code) {
    const ErrorCode error = static_cast<Errc>(code);
    CHECK(std::string(error.category().name()) == "gantry.wire");
    CHECK(error.message() != "unknown wire error");
    CHECK(std::find(texts.begin(), texts.end(), error.message()) == texts.end());
    texts.push_back(error.message());
  }
  CHECK(ErrorCode(static_cast<Errc>(9999)).message() == "unknown wire error");
}
