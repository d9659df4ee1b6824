#include "fuzz/wire/header_properties.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/utf8.hpp"

namespace gantry::wire::testing {
namespace {

constexpr uint64_t frame_limit = 1 << 20;

bool same(Text a, Text b) {
  return a.view() == b.view();
}

bool same_fields(const Header& a, const Header& b) {
  return std::equal(
      a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
      [](const Field& x, const Field& y) { return same(x.key, y.key) && same(x.value, y.value); });
}

bool same_header(const Header& a, const Header& b) {
  return a.code == b.code && a.language == b.language && a.version == b.version &&
         a.opaque == b.opaque && a.flag == b.flag && has_remark(a) == has_remark(b) &&
         same(a.remark, b.remark) && a.has_fields == b.has_fields && same_fields(a, b);
}

// The compact form has no empty remark and no empty map.
Header as_compact_says(Header header) {
  if (header.remark.size == 0) header.remark = {};
  if (header.fields.empty()) header.has_fields = false;
  return header;
}

std::string broken_bounds(const Header& header) {
  if (!is_utf8(header.remark)) return "the remark is UTF-8";
  if (header.fields.size() > ext_fields_max) return "the fields are bounded";
  std::set<std::string_view> keys;
  for (const Field& field : header.fields) {
    if (!is_utf8(field.key) || !is_utf8(field.value)) return "the fields are UTF-8";
    if (!keys.insert(field.key).second) return "no key is there twice";
  }
  return {};
}

std::string broken_round_trip(const Header& header, Serialize serialize) {
  ByteSink first;
  // Escapes may make a header grow beyond what a frame can carry: a refusal, not a fault.
  if (encode_head(serialize, header, 0, first)) return {};
  HeaderScratch scratch;
  const auto again = decode_frame(first.bytes(), scratch);
  if (!again) return "an encoded header decodes: " + again.error().message();
  const bool compact = again->serialize == Serialize::compact;
  if (!same_header(again->header, compact ? as_compact_says(header) : header)) {
    return "a header is the same after being encoded and decoded";
  }
  ByteSink second;
  if (encode_head(serialize, again->header, 0, second)) return "what was encoded can be again";
  if (!std::ranges::equal(first.bytes(), second.bytes())) return "encoding is a fixed point";
  return {};
}

std::string broken_header(const Frame& frame) {
  HeaderScratch scratch;
  Header header;
  if (decode_header(frame, scratch, header)) return {};
  for (const Serialize serialize : {Serialize::json, Serialize::compact}) {
    std::string broken = broken_round_trip(header, serialize);
    if (!broken.empty()) return broken;
  }
  return broken_bounds(header);
}

std::string broken_frame(Bytes input) {
  const NextFrame next = next_frame(input, frame_limit);
  switch (next.status) {
    case FrameStatus::malformed:
      return next.error ? "" : "a malformed frame has an error";
    case FrameStatus::incomplete:
      return next.needed > input.size() ? "" : "an incomplete frame needs more than there is";
    case FrameStatus::complete:
      break;
  }
  const Frame& frame = next.frame;
  if (frame.size > input.size() || frame.size > frame_limit) return "a frame lies in its input";
  if (prefix_bytes + frame.header.size() + frame.body.size() != frame.size) {
    return "header and body make up the frame";
  }
  if (next_frame(input.first(frame.size - 1), frame_limit).needed != frame.size) {
    return "a frame without its last byte needs it";
  }
  return broken_header(frame);
}

}  // namespace

std::string broken_property(Bytes input, Serialize serialize) {
  std::string broken = broken_frame(input);
  if (!broken.empty() || input.size() < prefix_bytes) return broken;
  return broken_header({serialize, input.subspan(prefix_bytes), {}, 0});
}

}  // namespace gantry::wire::testing
