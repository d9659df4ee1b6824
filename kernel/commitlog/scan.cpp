#include "commitlog/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"

namespace gantry::commitlog {

// More than asked is read at once; where that fails, what was asked counts alone.
Outcome<Bytes> Scan::bytes(const Segment& segment, LogOffset at, uint64_t size) {
  constexpr int64_t piece_bytes = int64_t{1} << 20;
  const Bytes rest = segment.bytes(at, segment.end());
  const LogOffset to = at + static_cast<int64_t>(std::min<uint64_t>(size, rest.size()));
  if (at >= from_ && to <= to_) return rest;
  const LogOffset ahead = std::min(std::max(to, at + piece_bytes), segment.end());
  for (const LogOffset end : {ahead, to}) {
    const ErrorCode error =
        segment.mapping().load(segment.position(at), static_cast<uint64_t>(end - at));
    if (error && end == to)
      return fail(fmt::format("{}: cannot read {} bytes at {}: {}", segment.path(), end - at,
                              segment.position(at), error.message()));
    if (error) continue;
    from_ = at;
    to_ = end;
    break;
  }
  return rest;
}

Outcome<ErrorCode> Scan::record(LogOffset at, RecordView& record) {
  const SegmentRef segment = segments_.find(at);
  if (!segment) return ErrorCode(Errc::gone);
  auto rest = bytes(*segment, at, record_bytes_min);
  if (rest && rest->size() >= record_bytes_min)
    rest = bytes(*segment, at, load_be<uint32_t>(rest->data()));
  if (!rest) return rest.error();
  if (const ErrorCode error = decode_record(*rest, decode_check, record)) return error;
  return record.log_offset == at ? ErrorCode{} : ErrorCode(Errc::not_a_record);
}

}  // namespace gantry::commitlog
