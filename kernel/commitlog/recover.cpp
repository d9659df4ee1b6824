#include "commitlog/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

// How far a scan is, told once a second.
class Progress {
 public:
  Progress(const Clock& clock, LogOffset from, LogOffset to)
      : clock_(clock), from_(from), to_(to), tell_at_ns_(clock.now_ns() + interval_ns) {}

  void at(LogOffset offset) {
    constexpr uint32_t records_between_looks = 1024;
    if (++records_ % records_between_looks != 0 || clock_.now_ns() < tell_at_ns_) return;
    tell_at_ns_ = clock_.now_ns() + interval_ns;
    logging::info("commitlog", "recovery: {} of at most {} MiB read", (offset - from_) >> 20,
                  (to_ - from_) >> 20);
  }

 private:
  static constexpr uint64_t interval_ns = 1'000'000'000;

  const Clock& clock_;
  const LogOffset from_;
  const LogOffset to_;
  uint64_t tell_at_ns_;
  uint32_t records_ = 0;
};

// What a crash kept from the device, or from being copied, reads as zeros. The checksum covers the
// body, lengths and place tell of the rest but for these two, which hold no zero byte in a log that
// was written here. Another broker may have let one in.
bool torn(Text part) {
  return part.view().find('\0') != std::string_view::npos;
}

ErrorCode record_at(const Segments& segments, LogOffset at, bool ours, RecordView& record) {
  const SegmentRef segment = segments.find(at);
  if (!segment) return Errc::gone;
  if (ErrorCode error = decode_record(segment->bytes(at, segment->end()), decode_check, record))
    return error;
  const bool lost = ours && (torn(record.topic) || torn(record.property_text));
  const bool whole = record.log_offset == at && !lost;
  return whole ? ErrorCode{} : Errc::not_a_record;
}

// The next place behind `broken` where a whole record lies that belongs there; none in its segment
// or at the next one's begin: a torn tail, else records that would be lost by ending the log here.
std::optional<LogOffset> record_behind(const Segments& segments, LogOffset broken, bool ours) {
  const SegmentRef segment = segments.find(broken);
  RecordView record;
  constexpr uint64_t magic_at = 4;
  const Bytes rest = segment->bytes(broken, segment->end());
  for (uint64_t at = 1; at + record_bytes_min <= rest.size(); at++) {
    const auto magic = load_be<int32_t>(rest.data() + at + magic_at);
    if (magic != record_magic_v1 && magic != record_magic_v2) continue;
    const LogOffset place = broken + static_cast<int64_t>(at);
    if (!record_at(segments, place, ours, record)) return place;
  }
  if (!record_at(segments, segment->end(), ours, record)) return segment->end();
  return {};
}

// Does the log go on, or end cleanly, where the checkpoint says? Otherwise a tail is torn right
// there, or another broker has written here since and its records end elsewhere.
bool fits(const Segments& segments, LogOffset at) {
  const SegmentRef segment = segments.find(at);
  if (!segment) return true;
  const Bytes rest = segment->bytes(at, segment->end());
  RecordView record;
  return segment_ends(rest) || load_be<uint64_t>(rest.data()) == 0 ||
         !record_at(segments, at, true, record);
}

// What to do about the first bytes that are no record. Above what was durable the log ends there,
// and the device may have kept pages behind a lost one; that is told. Where nothing says how far
// the log was durable and a whole file behind holds records, a person decides.
Outcome<void> end_at(const Segments& segments, const std::optional<Checkpoint>& checkpoint,
                     LogOffset at, const ErrorCode& error) {
  const SegmentRef segment = segments.find(at);
  if (checkpoint && at < checkpoint->durable)
    return fail(fmt::format("{}: damaged record at log offset {}, below {} which was durable: {}",
                            segment->path(), at.value, checkpoint->durable.value,
                            error.message()));
  RecordView record;
  if (!checkpoint && !record_at(segments, segment->end(), false, record))
    return fail(
        fmt::format("{}: damaged record at log offset {} ({}), and the files behind it hold "
                    "records: mend it, or move those files away to end the log there",
                    segment->path(), at.value, error.message()));
  if (const std::optional<LogOffset> behind = record_behind(segments, at, checkpoint.has_value()))
    logging::error("commitlog",
                   "{}: damaged record at log offset {} ({}): the log ends there, though a record "
                   "lies at {}. It was not known to be on the device",
                   segment->path(), at.value, error.message(), behind->value);
  return boost::system::in_place_value;
}

}  // namespace

Outcome<Recovered> find_end(const Segments& segments, const std::optional<Checkpoint>& checkpoint,
                            const Clock& clock) {
  const LogOffset durable = checkpoint ? checkpoint->durable : LogOffset(0);
  if (durable > segments.end())
    return fail(
        fmt::format("the log's files end at {}, but it was durable up to {}: files are "
                    "missing (remove gantry/recovery to go on without them)",
                    segments.end().value, durable.value));
  Recovered found;
  if (checkpoint) found.stored_ms = checkpoint->stored_ms;
  LogOffset at = std::max(durable, segments.begin());
  if (!fits(segments, at)) at = segments.find(at)->begin();
  found.end = at;
  Progress progress(clock, at, segments.end());
  while (const SegmentRef segment = segments.find(at)) {
    if (segment_ends(segment->bytes(at, segment->end()))) {
      at = segment->end();
      continue;
    }
    RecordView record;
    if (const ErrorCode error = record_at(segments, at, checkpoint.has_value(), record)) {
      if (auto ended = end_at(segments, checkpoint, at, error); !ended) return ended.error();
      break;
    }
    found.stored_ms = std::max(found.stored_ms, record.stored_ms);
    at += record.record_size;
    found.end = at;
    progress.at(at);
  }
  return found;
}

Outcome<void> cut_tail(Segments& segments, LogOffset end) {
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
