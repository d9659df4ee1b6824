#include "commitlog/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "commitlog/record.hpp"
#include "commitlog/scan.hpp"

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

// The record at `at`, as Scan::record; `ours`: written by this program.
Outcome<ErrorCode> record_at(Scan& scan, LogOffset at, bool ours, RecordView& record) {
  auto error = scan.record(at, record);
  if (!error || *error) return error;
  const bool lost = ours && (torn(record.topic) || torn(record.property_text));
  return lost ? ErrorCode(Errc::not_a_record) : ErrorCode{};
}

// The next place behind `broken` where a whole record lies that belongs there; none in its segment
// or at the next one's begin: a torn tail, else records that would be lost by ending the log here.
Outcome<std::optional<LogOffset>> record_behind(Scan& scan, const Segment& segment,
                                                LogOffset broken, bool ours) {
  RecordView record;
  constexpr uint64_t magic_at = 4;
  constexpr uint64_t piece_bytes = 1 << 16;
  const LogOffset last = segment.end() + -int64_t{record_bytes_min};
  for (LogOffset from = broken + 1; from <= last; from += piece_bytes) {
    const auto rest = scan.bytes(segment, from, piece_bytes + record_bytes_min);
    if (!rest) return rest.error();
    const LogOffset to = std::min(from + piece_bytes, last + 1);
    for (LogOffset place = from; place < to; place += 1) {
      const auto magic = load_be<int32_t>(rest->data() + (place - from) + magic_at);
      if (magic != record_magic_v1 && magic != record_magic_v2) continue;
      const auto error = record_at(scan, place, ours, record);
      if (!error) return error.error();
      if (!*error) return std::optional(place);
    }
  }
  const auto error = record_at(scan, segment.end(), ours, record);
  if (!error) return error.error();
  return *error ? std::nullopt : std::optional(segment.end());
}

// Does the log go on, or end cleanly, where the checkpoint says? Otherwise a tail is torn right
// there, or another broker has written here since and its records end elsewhere.
Outcome<bool> fits(const Segments& segments, Scan& scan, LogOffset at) {
  const SegmentRef segment = segments.find(at);
  if (!segment) return true;
  const auto rest = scan.bytes(*segment, at, blank_bytes);
  if (!rest) return rest.error();
  if (segment_ends(*rest) || load_be<uint64_t>(rest->data()) == 0) return true;
  RecordView record;
  const auto error = record_at(scan, at, true, record);
  if (!error) return error.error();
  return !*error;
}

// What to do about the first bytes that are no record. Above what was durable the log ends there,
// and the device may have kept pages behind a lost one; that is told. Where nothing says how far
// the log was durable and a whole file behind holds records, a person decides.
Outcome<void> end_at(const Segment& segment, Scan& scan,
                     const std::optional<Checkpoint>& checkpoint, LogOffset at,
                     const ErrorCode& error) {
  if (checkpoint && at < checkpoint->durable)
    return fail(fmt::format("{}: damaged record at log offset {}, below {} which was durable: {}",
                            segment.path(), at.value, checkpoint->durable.value, error.message()));
  if (!checkpoint) {
    RecordView record;
    const auto next_file = record_at(scan, segment.end(), false, record);
    if (!next_file) return next_file.error();
    if (!*next_file)
      return fail(
          fmt::format("{}: damaged record at log offset {} ({}), and the files behind it hold "
                      "records: mend it, or move those files away to end the log there",
                      segment.path(), at.value, error.message()));
  }
  const auto behind = record_behind(scan, segment, at, checkpoint.has_value());
  if (!behind)
    logging::error("commitlog", "{}: the log ends at {}, what lies behind is not known: {}",
                   segment.path(), at.value, behind.error().text);
  else if (*behind)
    logging::error("commitlog",
                   "{}: damaged record at log offset {} ({}): the log ends there, though a record "
                   "lies at {}. It was not known to be on the device",
                   segment.path(), at.value, error.message(), (*behind)->value);
  return boost::system::in_place_value;
}

// Walks the records from found.end on.
Outcome<void> walk(const Segments& segments, Scan& scan,
                   const std::optional<Checkpoint>& checkpoint, const Clock& clock,
                   Recovered& found) {
  Progress progress(clock, found.end, segments.end());
  LogOffset at = found.end;
  while (const SegmentRef segment = segments.find(at)) {
    const auto rest = scan.bytes(*segment, at, blank_bytes);
    if (!rest) return rest.error();
    if (segment_ends(*rest)) {
      at = segment->end();
      continue;
    }
    RecordView record;
    const auto error = record_at(scan, at, checkpoint.has_value(), record);
    if (!error) return error.error();
    if (*error) return end_at(*segment, scan, checkpoint, at, *error);
    found.stored_ms = std::max(found.stored_ms, record.stored_ms);
    at += record.record_size;
    found.end = at;
    progress.at(at);
  }
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
  Scan scan(segments);
  Recovered found;
  if (checkpoint) found.stored_ms = checkpoint->stored_ms;
  found.end = std::max(durable, segments.begin());
  const auto fitting = fits(segments, scan, found.end);
  if (!fitting) return fitting.error();
  if (!*fitting) found.end = segments.find(found.end)->begin();
  if (auto walked = walk(segments, scan, checkpoint, clock, found); !walked) return walked.error();
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
