#include "pull_read.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "filters.hpp"
#include "protocol/codes.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr uint64_t slice_ns = 50'000;        // a walk's of a shard at once
constexpr uint64_t walk_ns = 20'000'000;     // a walk's in all
constexpr uint64_t judge_ns = slice_ns / 2;  // what one call of a filter should take

void set(PullOutcome& out, int32_t code, std::string_view name, int64_t next) {
  out.code = code;
  out.name = name;
  out.next = next;
}

int64_t span_of(const gantry_index_entry& entry) {
  return std::max(entry.span, 1);
}

// The time a walk may take of its thread at once.
class Slice {
 public:
  Slice(const Services& services, uint64_t ns_max)
      : services_(services), begin_ns_(now_ns()), ns_max_(ns_max) {}
  uint64_t took_ns() const { return now_ns() - begin_ns_; }
  bool is_over() const { return took_ns() >= ns_max_; }

 private:
  uint64_t now_ns() const { return services_.clock.now_ns(services_.host); }

  const Services& services_;
  const uint64_t begin_ns_;
  const uint64_t ns_max_;
};

}  // namespace

// A run of the queue's entries, and how far the walk is.
struct PullRead::Chunk {
  std::array<gantry_index_entry, pull_messages_bound> entries;
  std::array<uint8_t, pull_messages_bound> verdicts;
  uint32_t count = 0;
  uint32_t at = 0;
  bool full = false;  // the answer takes no more

  const gantry_index_entry& entry() const { return entries[at]; }
  void step(PullOutcome& out) {
    out.next += span_of(entry());
    out.scanned += span_of(entry());
    out.log_offset = entry().log_offset;
    ++at;
  }
};

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

void PullRead::finish(PullOutcome& out) {
  out.status = GANTRY_OK;
  if (out.messages > 0) return set(out, code::success, "FOUND", out.next);
  set(out, code::pull_retry_immediately,
      out.removing ? "MESSAGE_WAS_REMOVING" : "NO_MATCHED_MESSAGE", out.next);
}

bool PullRead::begin(const gantry_call& call, const PullWanted& wanted, PullOutcome& out) const {
  out.status = queues_.bounds(call, wanted.topic, wanted.queue_id, out.bounds);
  if (out.status < 0 || is_outside(wanted.offset, out)) return false;
  // Behind a cut the queue has other records at these offsets.
  const bool has_seen = wanted.seen > wanted.offset && wanted.seen <= out.bounds.max;
  out.next = has_seen ? wanted.seen : wanted.offset;
  out.begun = true;
  return true;
}

void PullRead::read(const gantry_call& call, const PullWanted& wanted, Thread thread,
                    PullOutcome& out) const {
  if (!out.begun && !begin(call, wanted, out)) return;
  out.status = GANTRY_OK;
  const Slice slice(services_, thread == Thread::shard ? slice_ns : walk_ns);
  Chunk chunk;
  bool is_over = false;
  do {
    if (!load(call, wanted, thread, chunk, out)) break;
    while (chunk.at < chunk.count && !chunk.full && !is_over && out.status == GANTRY_OK) {
      walk(call, wanted, thread, chunk, out);
      is_over = wanted.filter && slice.is_over();
    }
  } while (out.status == GANTRY_OK && wanted.filter && !chunk.full && !is_over && !is_at_end(out));
  if (out.code != 0 || !out.name.empty()) return;  // one of the cases that are no walk
  out.walked_ns += slice.took_ns();
  if (out.status == GANTRY_OK && is_over && !chunk.full && !is_at_end(out)) {
    out.status = GANTRY_PENDING;
  } else if (out.status == GANTRY_OK || out.messages > 0) {
    finish(out);  // what stopped it comes again with the next pull
  }
}

bool PullRead::is_at_end(const PullOutcome& out) const {
  return out.next >= out.bounds.max || out.scanned >= options_.pull_scan_entries_max ||
         out.walked_ns >= walk_ns;
}

// False: there is nothing to walk over, or the outcome says why not.
bool PullRead::load(const gantry_call& call, const PullWanted& wanted, Thread thread, Chunk& chunk,
                    PullOutcome& out) const {
  const bool may_block = thread == Thread::worker;
  const auto most = static_cast<size_t>(
      wanted.filter ? pull_messages_bound
                    : std::clamp(wanted.messages_max, 1, options_.pull_messages_max));
  chunk.at = chunk.count = 0;
  if (is_at_end(out)) return false;
  out.status = queues_.entries(call, wanted.topic, wanted.queue_id, out.next, may_block,
                               std::span(chunk.entries.data(), most), chunk.count);
  if (out.status == GANTRY_GONE) {
    // Trimmed between the two looks, so the offset is too small by now.
    out.status = queues_.bounds(call, wanted.topic, wanted.queue_id, out.bounds);
    if (out.status < 0 || out.messages > 0 || is_outside(out.next, out)) return false;
    chunk.count = 0;
  }
  if (out.status < 0) return false;
  if (chunk.count == 0) {
    if (out.scanned == 0) set(out, code::pull_not_found, "OFFSET_FOUND_NULL", out.next);
    return false;
  }
  if (chunk.entries[0].span > 1 && !find_begin(chunk, may_block, out)) return false;
  if (!wanted.filter) {
    std::memset(chunk.verdicts.data(), GANTRY_VERDICT_DELIVER, chunk.count);
    return true;
  }
  out.status = wanted.filter->match_index(call, std::span(chunk.entries.data(), chunk.count),
                                          chunk.verdicts.data());
  if (out.status < 0) out.failure = Filters::not_running;
  return out.status >= 0;
}

// An offset may lie inside an inner batch, which goes out whole: where that begins, its record
// tells.
bool PullRead::find_begin(Chunk& chunk, bool may_block, PullOutcome& out) const {
  gantry_index_entry& entry = chunk.entries[0];
  constexpr int64_t at = 20;
  uint64_t big_endian = 0;
  gantry_slice slice{};
  const gantry_status status = services_.commitlog.read(
      services_.host, entry.log_offset + at, sizeof big_endian, may_block ? 1 : 0, &slice);
  if (status == GANTRY_GONE) {
    // It will be found missing. Nobody knows how much of it lies behind the offset: one at a time.
    entry.span = 1;
    chunk.count = 1;
    return true;
  }
  out.status = status;
  if (status < 0) return false;
  std::memcpy(&big_endian, slice.data, sizeof big_endian);
  services_.buffers.release(services_.host, slice.buffer);
  out.next = static_cast<int64_t>(__builtin_bswap64(big_endian));
  return true;
}

// Whether the answer takes the record besides so much. The first one always goes, whatever its
// size.
bool PullRead::fits(const gantry_index_entry& entry, const PullWanted& wanted, int32_t messages,
                    int64_t bytes) const {
  if (messages == 0) return true;
  const bool cold = entry.log_offset < queues_.memory_begin();
  const int32_t most = cold ? options_.pull_cold_messages_max : options_.pull_messages_max;
  int64_t bytes_max = cold ? options_.pull_cold_bytes_max : options_.pull_bytes_max;
  if (wanted.bytes_max && *wanted.bytes_max > 0) {
    bytes_max = std::min<int64_t>(bytes_max, *wanted.bytes_max);
  }
  return messages < most && messages + span_of(entry) <= std::max(wanted.messages_max, 1) &&
         bytes + entry.size <= bytes_max;
}

// One batch of records that may be for this pull, and the entries between them.
void PullRead::walk(const gantry_call& call, const PullWanted& wanted, Thread thread, Chunk& chunk,
                    PullOutcome& out) const {
  while (chunk.at < chunk.count && chunk.verdicts[chunk.at] == GANTRY_VERDICT_SKIP) chunk.step(out);
  if (chunk.at == chunk.count) return;
  chunk.full = !fits(chunk.entry(), wanted, out.messages, out.bytes);
  if (chunk.full) return;
  PullBatch batch;
  gather(wanted, chunk, batch, out);
  batch.slice_count = batch_max;
  uint32_t covered = 0;
  out.status = services_.commitlog.read_entries(services_.host, batch.entries.data(), batch.count,
                                                thread == Thread::worker ? 1 : 0,
                                                batch.slices.data(), &batch.slice_count, &covered);
  if (out.status == GANTRY_GONE) return skip_removed(batch, chunk, out);
  if (out.status < 0) return;
  batch.count = covered;
  const uint32_t judged = judge(call, wanted, batch, out);
  const uint32_t taken = take(wanted, batch, judged, out);
  chunk.full = taken < judged;
  while (taken > 0 && chunk.at <= batch.places[taken - 1]) chunk.step(out);
}

// Entries that are certainly for the pull end the batch where the answer takes no more of them.
void PullRead::gather(const PullWanted& wanted, const Chunk& chunk, PullBatch& batch,
                      const PullOutcome& out) const {
  int32_t messages = out.messages;
  int64_t bytes = out.bytes;
  const uint32_t most = wanted.filter ? batch_of(wanted, out) : batch_max;
  for (uint32_t i = chunk.at; i < chunk.count && batch.count < most; ++i) {
    if (chunk.verdicts[i] == GANTRY_VERDICT_SKIP) continue;
    const gantry_index_entry& entry = chunk.entries[i];
    if (chunk.verdicts[i] == GANTRY_VERDICT_DELIVER) {
      if (!fits(entry, wanted, messages, bytes)) break;
      messages += static_cast<int32_t>(span_of(entry));
      bytes += entry.size;
    }
    batch.entries[batch.count] = entry;
    batch.verdicts[batch.count] = chunk.verdicts[i];
    batch.places[batch.count++] = i;
  }
}

// As many as its filter is quick for; and, as often as it wanted one so far, about as many as fill the
// answer, since those beyond are judged again by the next pull.
uint32_t PullRead::batch_of(const PullWanted& wanted, const PullOutcome& out) const {
  const int64_t room = std::max(wanted.messages_max - out.messages, 1);
  const int64_t filling = room * (out.looked_at + 1) / (out.messages + 1);
  return static_cast<uint32_t>(std::clamp<int64_t>(filling, 1, out.together));
}

// The index still names records the log has given up: go on behind them.
void PullRead::skip_removed(const PullBatch& batch, Chunk& chunk, PullOutcome& out) const {
  const int64_t begin = services_.commitlog.begin(services_.host);
  uint32_t gone = 1;
  while (gone < batch.count && batch.entries[gone].log_offset < begin) ++gone;
  while (chunk.at <= batch.places[gone - 1]) chunk.step(out);
  out.status = GANTRY_OK;
  out.removing = true;
}

// Looks at the records that their entries don't tell of. How many have a verdict then, from the first
// on; if not all, the outcome says why.
uint32_t PullRead::judge(const gantry_call& call, const PullWanted& wanted, PullBatch& batch,
                         PullOutcome& out) const {
  Looks looks;
  decode_looks(services_, batch, looks);
  if (looks.count == 0) return batch.count;
  out.looked_at += looks.count;
  const gantry_batch asked{sizeof asked, sizeof looks.messages[0], looks.count, 0,
                           looks.messages.data()};
  std::array<uint8_t, batch_max> verdicts;
  const uint64_t began_ns = services_.clock.now_ns(services_.host);
  const gantry_status status = wanted.filter->match(call, asked, verdicts.data());
  const uint64_t took_ns = services_.clock.now_ns(services_.host) - began_ns;
  const uint64_t fitting = looks.count * judge_ns / std::max<uint64_t>(took_ns, 1);
  out.together = static_cast<uint32_t>(
      std::clamp<uint64_t>(fitting, 1, std::min(batch_max, 2 * out.together)));
  uint32_t judged = status < 0 ? 0 : batch.count;
  if (status < 0) {
    out.status = status;
    out.failure = Filters::not_running;
  }
  for (uint32_t i = 0; i < looks.count && looks.places[i] < judged; ++i) {
    batch.verdicts[looks.places[i]] = verdicts[i];
    if (verdicts[i] == GANTRY_VERDICT_DELIVER || verdicts[i] == GANTRY_VERDICT_SKIP) continue;
    judged = looks.places[i];
    out.status = GANTRY_FAULT;
    out.failure = "the filter cannot judge the message at offset " +
                  std::to_string(looks.messages[i].queue_offset) + ": " + call.error->text;
  }
  return judged;
}

// Adds the first `judged` records as far as they are for this pull and the answer takes them: so
// many are done. Runs of them stay one slice.
uint32_t PullRead::take(const PullWanted& wanted, const PullBatch& batch, uint32_t judged,
                        PullOutcome& out) const {
  uint32_t i = 0;
  for (uint32_t s = 0; s < batch.slice_count; ++s) {
    const gantry_slice& slice = batch.slices[s];
    bool given = false;
    bool open = false;  // the last slice of the answer ends where this record begins
    for (uint64_t at = 0; at < slice.size && i < judged; ++i) {
      const gantry_index_entry& entry = batch.entries[i];
      const auto size = static_cast<uint64_t>(entry.size);
      const bool is_wanted = batch.verdicts[i] == GANTRY_VERDICT_DELIVER;
      if (is_wanted && !fits(entry, wanted, out.messages, out.bytes)) {
        judged = i;
        break;
      }
      if (is_wanted && open) out.records.extend(size);
      if (is_wanted && !open) {
        if (given) services_.buffers.retain(services_.host, slice.buffer);
        out.records.add({slice.data + at, size, slice.buffer});
        given = true;
      }
      if (is_wanted) {
        out.messages += static_cast<int32_t>(span_of(entry));
        out.bytes += entry.size;
      }
      open = is_wanted;
      at += size;
    }
    if (!given && slice.buffer) services_.buffers.release(services_.host, slice.buffer);
  }
  return judged;
}

}  // namespace gantry::messaging
