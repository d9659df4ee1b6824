#include "pull_read.hpp"

#include <algorithm>

#include "protocol/codes.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

void set(PullOutcome& out, int32_t code, std::string_view name, int64_t next) {
  out.code = code;
  out.name = name;
  out.next = next;
}

}  // namespace

bool PullRead::is_outside(int64_t offset, PullOutcome& out) {
  const auto [min, max] = out.bounds;
  if (max == 0) {
    const int32_t answer = offset == 0 ? code::pull_not_found : code::pull_offset_moved;
    set(out, answer, "NO_MESSAGE_IN_QUEUE", 0);
  } else if (offset < min) {
    set(out, code::pull_offset_moved, "OFFSET_TOO_SMALL", min);
  } else if (offset == max) {
    set(out, code::pull_not_found, "OFFSET_OVERFLOW_ONE", offset);
  } else if (offset > max) {
    set(out, code::pull_offset_moved, "OFFSET_OVERFLOW_BADLY", max);
  } else {
    return false;
  }
  return true;
}

void PullRead::read(const gantry_call& call, const PullWanted& wanted, bool may_block,
                    PullOutcome& out) const {
  out.slice_count = 0;
  out.status = queues_.bounds(call, wanted.topic, wanted.queue_id, out.bounds);
  if (out.status < 0 || is_outside(wanted.offset, out)) return;
  Entries entries;
  uint32_t count = 0;
  const auto most =
      static_cast<size_t>(std::clamp(wanted.messages_max, 1, options_.pull_messages_max));
  out.status = queues_.entries(call, wanted.topic, wanted.queue_id, wanted.offset, may_block,
                               std::span(entries.data(), most), count);
  if (out.status == GANTRY_GONE) {
    // Trimmed between the two looks, so the offset is too small by now.
    out.status = queues_.bounds(call, wanted.topic, wanted.queue_id, out.bounds);
    if (out.status < 0 || is_outside(wanted.offset, out)) return;
    count = 0;
  }
  if (out.status < 0) return;
  if (count == 0) return set(out, code::pull_not_found, "OFFSET_FOUND_NULL", wanted.offset);
  read_log(wanted, entries, limit(entries, count, wanted.messages_max), may_block, out);
}

// The first record always goes, whatever its size.
uint32_t PullRead::limit(const Entries& entries, uint32_t count, int32_t messages_max) const {
  const int64_t memory_begin = queues_.memory_begin();
  int64_t bytes = entries[0].size;
  uint32_t given = 1;
  for (; given < count; ++given) {
    const bool cold = entries[given].log_offset < memory_begin;
    const int32_t most = cold ? options_.pull_cold_messages_max : options_.pull_messages_max;
    const int64_t bytes_max = cold ? options_.pull_cold_bytes_max : options_.pull_bytes_max;
    bytes += entries[given].size;
    if (given >= static_cast<uint32_t>(std::min(most, std::max(messages_max, 1)))) break;
    if (bytes > bytes_max) break;
  }
  return given;
}

void PullRead::read_log(const PullWanted& wanted, const Entries& entries, uint32_t count,
                        bool may_block, PullOutcome& out) const {
  uint32_t slices = static_cast<uint32_t>(out.slices.size());
  uint32_t covered = 0;
  out.status =
      services_.commitlog.read_entries(services_.host, entries.data(), count, may_block ? 1 : 0,
                                       out.slices.data(), &slices, &covered);
  if (out.status == GANTRY_GONE) {
    // The index still names records the log has given up: go on behind them.
    const int64_t begin = services_.commitlog.begin(services_.host);
    const auto kept = std::find_if(entries.begin(), entries.begin() + count,
                                   [&](const auto& entry) { return entry.log_offset >= begin; });
    const int64_t gone = std::max<int64_t>(kept - entries.begin(), 1);
    out.status = GANTRY_OK;
    return set(out, code::pull_retry_immediately, "MESSAGE_WAS_REMOVING", wanted.offset + gone);
  }
  if (out.status < 0) return;
  out.slice_count = slices;
  set(out, code::success, "FOUND", wanted.offset + covered);
}

}  // namespace gantry::messaging
