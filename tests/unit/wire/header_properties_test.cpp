// The properties the fuzzers look for, over the recorded frames and over what fuzzing once found.
#include "fuzz/wire/header_properties.hpp"

#include <catch2/catch.hpp>

#include "support/golden.hpp"
#include "unit/wire/golden_frames.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

TEST_CASE("every recorded frame has the properties the fuzzers check") {
  if (!gantry::testing::golden("wire")) return;
  for_each_golden_frame([](const GoldenFrame& golden) {
    INFO(golden.where);
    CHECK(broken_property(golden.bytes, Serialize::json) == "");
    CHECK(broken_property(golden.bytes, Serialize::compact) == "");
  });
}

TEST_CASE("damaged frames have the properties the fuzzers check") {
  const ByteString whole = make_frame(
      0, bytes_of(R"({"code":1,"remark":"a\u00e9\xff\n","extFields":{"k":"v","n":[1,{"x":2}]}})"),
      "body");
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int byte : {0x00, 0x01, 0x22, 0x5c, 0x5d, 0x75, 0x7b, 0x80, 0xe4, 0xff}) {
      ByteString damaged = whole;
      damaged[at] = static_cast<uint8_t>(byte);
      INFO("byte " << at << " is " << byte);
      REQUIRE(broken_property(damaged, Serialize::json) == "");
      REQUIRE(broken_property(damaged, Serialize::compact) == "");
    }
  }
}
