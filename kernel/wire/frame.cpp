#include "wire/frame.hpp"

#include "base/endian.hpp"

namespace gantry::wire {
namespace {

constexpr uint64_t serialization_offset = 4;

NextFrame malformed(Errc error) {
  return {FrameStatus::malformed, {}, 0, error};
}

}  // namespace

NextFrame next_frame(Bytes input, uint64_t frame_bytes_max) {
  if (input.size() < length_bytes) return {FrameStatus::incomplete, {}, length_bytes, {}};
  const auto length = load_be<int32_t>(input.data());
  if (length < 0) return malformed(Errc::frame_length_negative);
  const uint64_t size = length_bytes + static_cast<uint64_t>(length);
  if (size < prefix_bytes) return malformed(Errc::frame_too_short);
  if (size > frame_bytes_max) return malformed(Errc::frame_oversized);
  if (input.size() < prefix_bytes) return {FrameStatus::incomplete, {}, size, {}};

  const auto word = load_be<uint32_t>(input.data() + serialization_offset);
  const uint32_t serialization = word >> 24;
  const uint64_t header_bytes = word & header_bytes_max;
  if (serialization > static_cast<uint32_t>(Serialize::compact)) {
    return malformed(Errc::serialization_unknown);
  }
  if (header_bytes > size - prefix_bytes) return malformed(Errc::header_longer_than_frame);
  if (input.size() < size) return {FrameStatus::incomplete, {}, size, {}};

  const Frame frame = {
      static_cast<Serialize>(serialization), input.subspan(prefix_bytes, header_bytes),
      input.subspan(prefix_bytes + header_bytes, size - prefix_bytes - header_bytes), size};
  return {FrameStatus::complete, frame, 0, {}};
}

}  // namespace gantry::wire
