#include "wire/errc.hpp"

#include <string>

namespace gantry::wire {
namespace {

const char* text_of(Errc code) {
  switch (code) {
    case Errc::frame_length_negative: return "the frame's length word is negative";
    case Errc::frame_too_short: return "the frame is too short to hold a header length";
    case Errc::frame_oversized: return "the frame is larger than the largest allowed";
    case Errc::frame_incomplete: return "the frame is cut short";
    case Errc::frame_bytes_left_over: return "there are bytes behind the frame";
    case Errc::header_longer_than_frame: return "the header length is larger than the frame";
    case Errc::header_oversized: return "the header is larger than its 24-bit length can say";
    case Errc::serialization_unknown: return "the header's serialization is neither 0 nor 1";
    case Errc::json_not_an_object: return "the JSON header is not an object";
    case Errc::json_ends_early: return "the JSON header is cut short";
    case Errc::json_malformed: return "the JSON header is not well-formed";
    case Errc::json_string_malformed: return "a string of the JSON header has a bad escape";
    case Errc::json_nested_too_deep: return "the JSON header is nested too deep";
    case Errc::json_bytes_left_over: return "there are bytes behind the JSON header's object";
    case Errc::code_invalid: return "the header's code is not a 32-bit whole number";
    case Errc::language_invalid: return "the header's language is neither a name nor a number";
    case Errc::version_invalid: return "the header's version is not a 32-bit whole number";
    case Errc::opaque_invalid: return "the header's opaque is not a 32-bit whole number";
    case Errc::flag_invalid: return "the header's flag is not a 32-bit whole number";
    case Errc::ext_fields_invalid: return "the header's extFields is not an object";
    case Errc::ext_fields_too_many: return "the header has more than 256 extFields";
    case Errc::compact_ends_early: return "the compact header is cut short";
    case Errc::compact_length_invalid:
      return "a length in the compact header is negative or reaches past its end";
    case Errc::compact_bytes_left_over: return "there are bytes behind the compact header's fields";
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
