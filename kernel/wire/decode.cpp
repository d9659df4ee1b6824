#include "wire/decode.hpp"

#include <limits>

#include "wire/compact_reader.hpp"
#include "wire/json_reader.hpp"
#include "wire/scratch_writer.hpp"

namespace gantry::wire {

ErrorCode decode_header(const Frame& frame, HeaderScratch& scratch, Header& out) {
  ScratchWriter writer(scratch, frame.header.size());
  if (frame.serialize == Serialize::json) return JsonReader(frame.header, writer).read(out);
  return CompactReader(frame.header, writer).read(out);
}

Result<Message> decode_frame(Bytes bytes, HeaderScratch& scratch) {
  const NextFrame next = next_frame(bytes, std::numeric_limits<uint64_t>::max());
  if (next.status == FrameStatus::malformed) return next.error;
  if (next.status == FrameStatus::incomplete) return ErrorCode(Errc::frame_incomplete);
  if (next.frame.size != bytes.size()) return ErrorCode(Errc::frame_bytes_left_over);
  Message message;
  message.serialize = next.frame.serialize;
  message.body = next.frame.body;
  if (const ErrorCode error = decode_header(next.frame, scratch, message.header)) return error;
  return message;
}

}  // namespace gantry::wire
