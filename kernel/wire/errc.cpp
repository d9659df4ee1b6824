#include "wire/errc.hpp"

#include <string>

namespace gantry::wire {
namespace {

struct Description {
  Errc code;
  const char* text;
};

constexpr Description descriptions[] = {
    {Errc::frame_length_negative, "the frame's length word is negative"},
    {Errc::frame_too_short, "the frame is too short to hold a header length"},
    {Errc::frame_oversized, "the frame is larger than the largest allowed"},
    {Errc::frame_incomplete, "the frame is cut short"},
    {Errc::frame_bytes_left_over, "there are bytes behind the frame"},
    {Errc::header_longer_than_frame, "the header length is larger than the frame"},
    {Errc::header_oversized, "the header is larger than its 24-bit length can say"},
    {Errc::serialization_unknown, "the header's serialization is neither 0 nor 1"},
    {Errc::json_not_an_object, "the JSON header is not an object"},
    {Errc::json_ends_early, "the JSON header is cut short"},
    {Errc::json_malformed, "the JSON header is not well-formed"},
    {Errc::json_string_malformed, "a string of the JSON header has a bad escape"},
    {Errc::json_nested_too_deep, "the JSON header is nested too deep"},
    {Errc::json_bytes_left_over, "there are bytes behind the JSON header's object"},
    {Errc::code_invalid, "the header's code is not a 32-bit whole number"},
    {Errc::language_invalid, "the header's language is neither a name nor a number"},
    {Errc::version_invalid, "the header's version is not a 32-bit whole number"},
    {Errc::opaque_invalid, "the header's opaque is not a 32-bit whole number"},
    {Errc::flag_invalid, "the header's flag is not a 32-bit whole number"},
    {Errc::ext_fields_invalid, "the header's extFields is not an object"},
    {Errc::ext_fields_too_many, "the header has more than 256 extFields"},
    {Errc::compact_ends_early, "the compact header is cut short"},
    {Errc::compact_length_invalid,
     "a length in the compact header is negative or reaches past its end"},
    {Errc::compact_bytes_left_over, "there are bytes behind the compact header's fields"},
};

const char* text_of(Errc code) {
  for (const Description& description : descriptions) {
    if (description.code == code) return description.text;
  }
  return "unknown wire error";
}

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "gantry.wire"; }
  std::string message(int code) const override { return text_of(static_cast<Errc>(code)); }
};

}  // namespace

const boost::system::error_category& wire_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace gantry::wire
