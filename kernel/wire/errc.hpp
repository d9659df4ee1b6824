// Errc: what can be wrong with a frame or its header. Constants, for any thread. A peer that sends
// such a frame gets no answer: what follows can't be trusted, so its connection is closed.
#pragma once

#include <boost/system/error_code.hpp>

#include "base/result.hpp"

namespace gantry::wire {

enum class Errc {
  frame_length_negative = 1,
  frame_too_short,
  frame_oversized,
  frame_incomplete,
  frame_bytes_left_over,
  header_longer_than_frame,
  header_oversized,
  serialization_unknown,

  json_not_an_object,
  json_ends_early,
  json_malformed,
  json_string_malformed,
  json_nested_too_deep,
  json_bytes_left_over,

  code_invalid,
  language_invalid,
  version_invalid,
  opaque_invalid,
  flag_invalid,
  ext_fields_invalid,
  ext_fields_too_many,

  compact_ends_early,
  compact_length_invalid,
  compact_bytes_left_over,
};

const boost::system::error_category& wire_category() noexcept;

inline ErrorCode make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), wire_category()};
}

}  // namespace gantry::wire

template <>
struct boost::system::is_error_code_enum<gantry::wire::Errc> : std::true_type {};
