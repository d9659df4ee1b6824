// A follower's way in: another node's records, at the places they have there.
#include "commitlog/raw.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "commitlog/record.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

// The blank record that fills a file's rest: its size, or 0 when these bytes begin with none.
uint32_t blank_size(Bytes bytes) {
  const bool blank =
      bytes.size() >= blank_bytes && load_be<int32_t>(bytes.data() + 4) == blank_magic;
  return blank ? load_be<uint32_t>(bytes.data()) : 0;
}

std::string check_blank(LogOffset at, uint32_t size, uint64_t given, LogOffset file_end) {
  if (at + size != file_end)
    return fmt::format("the blank record at {} ends at {}, the file at {}: segments of another size",
                       at.value, at.value + size, file_end.value);
  if (given < size)
    return fmt::format("the blank record at {} is cut off: {} of {} bytes", at.value, given, size);
  return {};
}

std::string check_record(LogOffset at, Bytes bytes, LogOffset file_end, RecordView& record) {
  if (const ErrorCode error = decode_record(bytes, decode_check, record))
    return fmt::format("no whole record at {}: {}", at.value, error.message());
  if (record.log_offset != at)
    return fmt::format("the record at {} belongs at {}", at.value, record.log_offset.value);
  if (at + record.record_size + blank_bytes > file_end)
    return fmt::format("the record at {} of {} bytes leaves its file, which ends at {}", at.value,
                       record.record_size, file_end.value);
  return {};
}

}  // namespace

ErrorCode read_raw(LogOffset at, Bytes records, const SegmentGrid& grid, RawRecords& out,
                   std::string& reason) {
  out.runs.clear();
  out.newest_ms = 0;
  LogOffset run_at = at;
  const uint8_t* run_from = records.data();
  while (!records.empty()) {
    const LogOffset file_end = grid.end_of_segment(at);
    const uint32_t blank = blank_size(records);
    RecordView record;
    reason = blank ? check_blank(at, blank, records.size(), file_end)
                   : check_record(at, records, file_end, record);
    if (!reason.empty()) return Errc::invalid;
    const uint32_t size = blank ? blank : record.record_size;
    const uint8_t* to = records.data() + (blank ? blank_bytes : size);
    at += size;
    records = records.subspan(size);
    if (!blank) out.newest_ms = std::max(out.newest_ms, record.stored_ms);
    if (!blank && !records.empty()) continue;
    out.runs.push_back({run_at, {run_from, to}});
    run_at = at;
    run_from = records.data();
  }
  out.end = at;
  return {};
}

ErrorCode CommitLog::append_raw(LogOffset at, Bytes records, std::string& reason) {
  State& state = *state_;
  if (state.role.load() != Role::follower) return Errc::not_follower;
  if (records.size() > state.options.segment_bytes) {
    reason = fmt::format("{} bytes at once, a segment has {}", records.size(),
                         state.options.segment_bytes);
    return Errc::invalid;
  }
  LogOffset begin;
  if (ErrorCode error = state.place_raw(at, begin, reason)) return error;
  RawRecords read;
  const SegmentGrid grid{begin, state.options.segment_bytes};
  if (ErrorCode error = read_raw(at, records, grid, read, reason)) return error;
  if (at != mark(Mark::appended)) {
    if (ErrorCode error = state.begin_at(at, reason)) return error;
  }
  const ErrorCode error = state.commit_raw(at, read);
  if (error == Errc::busy) {
    state.preparer.wake();
    if (state.sync_flush()) state.flusher.wake();
  }
  return error;
}

ErrorCode CommitLog::State::commit_raw(LogOffset at, const RawRecords& read) {
  std::unique_lock lock(append_mutex);
  if (failed) return Errc::store_failed;
  if (!takes_raw) return Errc::not_follower;
  if (at != marks.at(Mark::appended)) return Errc::busy;  // somebody else was quicker
  const auto bytes = static_cast<uint64_t>(read.end - at);
  if (sync_flush() && filling.size() > 0 && filling.size() + bytes > options.staged_bytes_max)
    return Errc::busy;
  if (!tail || read.end.value > prepared.load(std::memory_order_acquire)) {
    prepare_to = read.end.value;
    return Errc::busy;
  }
  for (const RawRun& run : read.runs) {
    if (run.at >= tail->end()) tail = segments.find(run.at);
    store(run.at, {&run.bytes, 1});
  }
  stored_ms = std::max(stored_ms, read.newest_ms);
  stored_to(read.end, lock);
  return {};
}

ErrorCode CommitLog::State::place_raw(LogOffset at, LogOffset& begin, std::string& reason) {
  const std::lock_guard lock(append_mutex);
  return may_place_raw(at, begin, reason);
}

// The leader's log may begin anywhere, and so does a follower's that holds nothing yet.
ErrorCode CommitLog::State::may_place_raw(LogOffset at, LogOffset& begin,
                                          std::string& reason) const {
  if (failed) return Errc::store_failed;
  const LogOffset end = marks.at(Mark::appended);
  begin = segments.begin();
  if (at == end) return {};
  if (end != begin || at < end) {
    reason = fmt::format("bytes for {}, but the log ends at {}", at.value, end.value);
    return Errc::invalid;
  }
  if (static_cast<uint64_t>(at.value) % options.segment_bytes != 0) {
    reason = fmt::format("an empty log cannot begin at {}: no multiple of {}", at.value,
                         options.segment_bytes);
    return Errc::invalid;
  }
  if (at > log_begin_max) {
    reason = fmt::format("a log cannot begin at {}: beyond {}", at.value, log_begin_max.value);
    return Errc::invalid;
  }
  begin = at;
  return {};
}

ErrorCode CommitLog::State::begin_at(LogOffset at, std::string& reason) {
  const std::scoped_lock others(prepare_mutex, flush_mutex);
  const std::lock_guard lock(append_mutex);
  LogOffset begin;
  if (ErrorCode error = may_place_raw(at, begin, reason)) return error;
  if (at == marks.at(Mark::appended)) return {};
  tail = {};
  auto removed = segments.remove_from(segments.begin());
  auto first = removed ? segments.begin_at(at) : Outcome<SegmentRef>(removed.error());
  if (!first) {
    reason = first.error().text;
    return Errc::busy;
  }
  tail = std::move(*first);
  for (Mark mark : {Mark::appended, Mark::written, Mark::durable}) marks.place(mark, at);
  prepared = at.value;
  return {};
}

}  // namespace gantry::commitlog
