#include <catch2/catch.hpp>

#include "support/golden.hpp"
#include "unit/wire/golden_frames.hpp"

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace json = boost::json;

namespace {

int32_t number_of(const json::object& header, std::string_view key) {
  const json::value* const value = header.if_contains(key);
  return value == nullptr ? 0 : std::stoi(text_of(*value));
}

OwnedHeader recorded_header(const json::object& header) {
  OwnedHeader expected;
  expected.code = number_of(header, "code");
  expected.version = number_of(header, "version");
  expected.opaque = number_of(header, "opaque");
  expected.flag = number_of(header, "flag");
  if (const json::value* const name = header.if_contains("language")) {
    expected.language = language_number(text_of(*name));
  }
  if (const json::value* const remark = header.if_contains("remark");
      remark && !remark->is_null()) {
    expected.remark = text_of(*remark);
  }
  if (const json::value* const ext = header.if_contains("extFields"); ext && !ext->is_null()) {
    expected.fields.emplace();
    for (const auto& [key, value] : ext->as_object()) {
      if (!value.is_null()) expected.fields->emplace(key, text_of(value));
    }
  }
  return expected;
}

void check_frame(const GoldenFrame& golden) {
  INFO(golden.where);
  const NextFrame next = next_frame(golden.bytes, frame_bytes_max_default);
  REQUIRE(next.status == FrameStatus::complete);
  const bool json_header = golden.recorded.at("type").as_string() == "JSON";
  CHECK(next.frame.serialize == (json_header ? Serialize::json : Serialize::compact));
  CHECK(next.frame.size == golden.bytes.size());
  CHECK(next.frame.header.size() == golden.recorded.at("headerLength").to_number<uint64_t>());
  CHECK(next.frame.body.size() == golden.recorded.at("bodyLength").to_number<uint64_t>());

  HeaderScratch scratch;
  Header header;
  const ErrorCode error = decode_header(next.frame, scratch, header);
  INFO(error.message());
  REQUIRE_FALSE(error);
  const OwnedHeader decoded = own(header);
  CHECK(decoded == recorded_header(golden.recorded.at("header").as_object()));
  CHECK(round_trip(Serialize::json, header) == decoded);
  if (fits_compact(header)) {
    CHECK(round_trip(Serialize::compact, header) == as_compact_says(decoded));
  }
}

}  // namespace

TEST_CASE("every recorded frame decodes to what was recorded, and again after being encoded") {
  if (!gantry::testing::golden("wire")) return;
  CHECK(for_each_golden_frame(check_frame) > 2000);
}
