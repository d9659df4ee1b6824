#include "commitlog/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

// A checkpoint spares the scan of the segments before the one it points into, a clean stop all.
LogOffset scan_from(const Segments& segments, const std::optional<Checkpoint>& checkpoint) {
  if (!checkpoint) return segments.begin();
  if (checkpoint->clean) return std::max(checkpoint->durable, segments.begin());
  const SegmentRef segment = segments.find(checkpoint->durable);
  return segment ? segment->begin() : segments.begin();
}

// Does a segment behind this one begin with a record? Then what is broken here is no torn tail.
bool goes_on_behind(const Segments& segments, const Segment& broken) {
  const SegmentRef next = segments.find(broken.end());
  if (!next) return false;
  RecordView record;
  const Bytes bytes = next->bytes(next->begin(), next->end());
  return !decode_record(bytes, decode_check, record) && record.log_offset == next->begin();
}

}  // namespace

Outcome<Recovered> find_end(const Segments& segments, const std::optional<Checkpoint>& checkpoint) {
  const LogOffset durable = checkpoint ? checkpoint->durable : LogOffset(0);
  if (durable > segments.end())
    return fail(
        fmt::format("the log's files end at {}, but it was durable up to {}: files are "
                    "missing (remove gantry/recovery to go on without them)",
                    segments.end().value, durable.value));
  Recovered found;
  if (checkpoint) found.stored_ms = checkpoint->stored_ms;
  LogOffset at = scan_from(segments, checkpoint);
  found.end = at;
  while (const SegmentRef segment = segments.find(at)) {
    const Bytes rest = segment->bytes(at, segment->end());
    if (segment_ends(rest)) {
      at = segment->end();
      continue;
    }
    RecordView record;
    const ErrorCode error = decode_record(rest, decode_check, record);
    if (error || record.log_offset != at) {
      // Without a checkpoint nothing says how far the log was durable: then a person decides.
      if (!checkpoint && goes_on_behind(segments, *segment)) {
        return fail(fmt::format("{}: damaged record at log offset {}, and the files behind it hold "
                                "records: mend it, or move those files away to end the log there",
                                segment->path(), at.value));
      }
      if (at >= durable) break;
      return fail(fmt::format("{}: damaged record at log offset {}, below {} which was durable: {}",
                              segment->path(), at.value, durable.value,
                              error ? error.message() : "it belongs elsewhere"));
    }
    found.stored_ms = std::max(found.stored_ms, record.stored_ms);
    at += record.record_size;
    found.end = at;
  }
  if (found.end < durable)
    return fail(fmt::format("the log's records end at {}, below {} which was durable",
                            found.end.value, durable.value));
  return found;
}

Outcome<void> cut(Segments& segments, LogOffset end) {
  if (segments.begin() < end) {
    if (auto removed = segments.remove_from(end); !removed) return removed;
  }
  const SegmentRef last = segments.find(end);
  if (!last) return boost::system::in_place_value;
  if (auto removed = segments.remove_from(last->end()); !removed) return removed;
  const auto size = static_cast<uint64_t>(last->end() - end);
  ErrorCode error = last->file().zero(last->position(end), size);
  if (!error) error = last->file().sync_data();
  if (error)
    return fail(fmt::format("{}: cannot zero {} bytes at {}: {}", last->path(), size,
                            last->position(end), error.message()));
  return boost::system::in_place_value;
}

}  // namespace gantry::commitlog
