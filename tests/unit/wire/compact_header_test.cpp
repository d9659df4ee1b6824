#include <catch2/catch.hpp>

#include "unit/wire/wire_support.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace {

Decoded decode_hex(std::string_view hex) {
  const ByteString bytes = from_hex(hex);
  return decode_alone(Serialize::compact,
                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// code 105, JAVA, version 479, opaque 7, flag 0
const std::string start = "0069 00 01df 00000007 00000000";

}  // namespace

TEST_CASE("a compact header has remark and fields") {
  const Decoded decoded =
      decode_hex(start + "00000002 6f6b 00000011 0001 61 00000001 62 0002 6b6b 00000001 63");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header == OwnedHeader{105, 0, 479, 7, 0, "ok", {{{"a", "b"}, {"kk", "c"}}}});
}

TEST_CASE("code and version of a compact header are signed") {
  const Decoded decoded = decode_hex("ff98 09 8000 ffffffff 00000001 00000000 00000000");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header ==
        OwnedHeader{-104, language::go, -32768, -1, 1, std::nullopt, std::nullopt});
}

TEST_CASE("an empty value is a field, bytes that are not UTF-8 are replaced") {
  const Decoded decoded =
      decode_hex(start + "00000001 ff 0000000f 0001 61 00000000 0001 80 00000001 fe");
  REQUIRE_FALSE(decoded.error);
  CHECK(decoded.header.remark == "\uFFFD");
  CHECK(decoded.header.fields ==
        std::map<std::string, std::string>{{"a", ""}, {"\uFFFD", "\uFFFD"}});
}

TEST_CASE("a malformed compact header says what is wrong") {
  struct Case {
    const char* what;
    std::string hex;
    Errc error;
  };
  const Case cases[] = {
      {"nothing", "", Errc::compact_ends_early},
      {"one byte short", start + "00000000 000000", Errc::compact_ends_early},
      {"remark of -1", start + "ffffffff 00000000", Errc::compact_length_invalid},
      {"remark of 2 GiB", start + "7fffffff 00000000", Errc::compact_length_invalid},
      {"remark eats the fields' length", start + "00000003 00000000", Errc::compact_ends_early},
      {"fields longer than the header", start + "00000000 00000001", Errc::compact_length_invalid},
      {"fields of 2 GiB", start + "00000000 7fffffff", Errc::compact_length_invalid},
      {"half a key length", start + "00000000 00000001 00", Errc::compact_ends_early},
      {"negative key length", start + "00000000 00000003 ffff 61", Errc::compact_length_invalid},
      {"key longer than the fields", start + "00000000 00000003 0002 61",
       Errc::compact_length_invalid},
      {"no value length", start + "00000000 00000003 0001 61", Errc::compact_ends_early},
      {"negative value length", start + "00000000 00000007 0001 61 80000000",
       Errc::compact_length_invalid},
      {"value longer than the fields", start + "00000000 00000007 0001 61 00000001 62",
       Errc::compact_length_invalid},
      {"bytes behind the fields", start + "00000000 00000000 00", Errc::compact_bytes_left_over},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    CHECK(decode_hex(c.hex).error == c.error);
  }
}

TEST_CASE("every cut of a compact header is an error") {
  const ByteString whole = from_hex(start + "00000002 6f6b 00000008 0001 61 00000001 62");
  const std::string text(whole.begin(), whole.end());
  REQUIRE_FALSE(decode_alone(Serialize::compact, text).error);
  for (size_t size = 0; size < text.size(); ++size) {
    CHECK(decode_alone(Serialize::compact, text.substr(0, size)).error);
  }
}
