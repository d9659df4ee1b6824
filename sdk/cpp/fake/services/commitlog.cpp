// gantry.host.commitlog over the in-memory Log.
#include <gantry/cap/queue_index.h>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

InstanceState& of(const gantry_host* host) {
  return InstanceState::of(host);
}
Log& log_of(const gantry_host* host) {
  return of(host).core->log;
}

// Where the bound queue index says a queue goes on.
int64_t first_number(Core& core, std::string_view topic, int32_t queue_id) {
  int64_t next = 0;
  for (InstanceState& instance : core.instances) {
    const gantry_offer* offer = instance.offer(GANTRY_CAP_QUEUE_INDEX);
    if (!offer || !instance.running) continue;
    core.loop.run_at(core.loop.place(), [&](const gantry_call& call) {
      gantry_queue_bounds bounds{};
      const auto* index = static_cast<const gantry_queue_index*>(offer->table);
      if (index->bounds(instance.self, &call, str(topic), queue_id, &bounds) == GANTRY_OK)
        next = std::max(next, bounds.max);
    });
  }
  return next;
}

gantry_status append(const gantry_host* host, const gantry_call* call, const gantry_put* put,
                     gantry_put_result* result) {
  Core& core = *of(host).core;
  gantry_error* error = call ? call->error : nullptr;
  const auto first = [&](std::string_view topic, int32_t queue_id) {
    return first_number(core, topic, queue_id);
  };
  return core.put_hooks.append(*put, *result, error, [&](const gantry_put& stored) {
    return core.log.append(stored, *result, core.clock.now_ms(), first, error);
  });
}

gantry_status wait(const gantry_host* host, const char* what, uint32_t marks, int64_t log_end,
                   uint32_t timeout_ms, gantry_completion then) {
  Core& core = *of(host).core;
  const Place place = core.loop.completion_place();
  const uint64_t promise = core.promises.begin(of(host), then, what, place);
  if (timeout_ms > 0)
    core.promises.set_timer(
        promise, core.loop.arm_ms(timeout_ms, place, [&core, promise](const gantry_call& call) {
          core.promises.end(promise, call, GANTRY_BUSY, nullptr);
        }));
  core.dispatch.await(promise, marks, log_end);
  return GANTRY_OK;
}

gantry_status await(const gantry_host* host, const gantry_call*, int64_t log_end, uint32_t marks,
                    uint32_t timeout_ms, gantry_completion then) {
  if (timeout_ms == 0) return GANTRY_INVALID;
  return wait(host, "commitlog.await", marks, log_end, timeout_ms, then);
}

gantry_status watch(const gantry_host* host, uint32_t mark, int64_t above, gantry_completion then) {
  if (mark >= GANTRY_MARK_COUNT) return GANTRY_INVALID;
  return wait(host, "commitlog.watch", 1u << mark, above + 1, 0, then);
}

gantry_status read(const gantry_host* host, int64_t log_offset, uint64_t size, uint32_t may_block,
                   gantry_slice* out) {
  Core& core = *of(host).core;
  const Log& log = core.log;
  if (may_block) core.expect(of(host), "commitlog.read that may block", {Place::Kind::worker});
  const int64_t visible = log.mark(GANTRY_MARK_VISIBLE);
  if (log_offset < log.begin() || log_offset > visible ||
      size > static_cast<uint64_t>(visible - log_offset))
    return GANTRY_GONE;
  if (log_offset < log.cold_below() && !may_block) return GANTRY_WOULD_BLOCK;
  const auto bytes = log.bytes(log_offset, log_offset + static_cast<int64_t>(size));
  *out = core.buffers.copy(bytes.data(), bytes.size(), "commitlog.read by " + of(host).name);
  of(host).took(out->buffer);
  return GANTRY_OK;
}

gantry_status read_entries(const gantry_host* host, const gantry_index_entry* entries,
                           uint32_t count, uint32_t may_block, gantry_slice* out, uint32_t* slices,
                           uint32_t* covered) {
  const uint32_t capacity = *slices;
  *slices = *covered = 0;
  while (*covered < count && *slices < capacity) {
    const int64_t begin = entries[*covered].log_offset;
    int64_t end = begin;
    uint32_t next = *covered;
    for (; next < count && entries[next].log_offset == end; ++next) end += entries[next].size;
    const gantry_status status =
        read(host, begin, static_cast<uint64_t>(end - begin), may_block, &out[*slices]);
    if (status != GANTRY_OK) return *slices > 0 ? GANTRY_OK : status;
    ++*slices;
    *covered = next;
  }
  return GANTRY_OK;
}

gantry_status decode_record(const gantry_host*, gantry_bytes record, uint32_t what,
                            gantry_message* out) {
  const auto message = decode(span(record), (what & GANTRY_DECODE_CHECK) != 0);
  if (!message) return GANTRY_INVALID;
  *out = *message;
  if (!(what & GANTRY_DECODE_TAG_CODE)) out->tag_code = 0;
  return GANTRY_OK;
}

int64_t mark(const gantry_host* host, uint32_t mark) {
  return mark < GANTRY_MARK_COUNT ? log_of(host).mark(mark) : -1;
}

gantry_status gate(const gantry_host* host, gantry_str name, uint32_t closed, int32_t wire_code,
                   gantry_str reason) {
  log_of(host).set_gate(of(host).name + "." + std::string(view(name)), closed != 0, wire_code,
                        std::string(view(reason)));
  return GANTRY_OK;
}

int64_t begin(const gantry_host* host) {
  return log_of(host).begin();
}

gantry_status claim(const gantry_host* host, uint32_t mark) {
  of(host).core->expect(of(host), "commitlog.claim", {Place::Kind::control});
  return of(host).core->changes.claim(of(host), mark);
}

gantry_status raise(const gantry_host* host, uint32_t mark, int64_t log_offset) {
  return of(host).core->changes.raise(of(host), mark, log_offset);
}

gantry_status append_raw(const gantry_host* host, const gantry_call* call, int64_t log_offset,
                         gantry_bytes records) {
  gantry_error* error = call ? call->error : nullptr;
  if (of(host).core->changes.leading())
    return set_error(error, GANTRY_REFUSED, "the log is about to lead");
  return log_of(host).append_raw(log_offset, span(records), error);
}

gantry_status lead(const gantry_host* host, const gantry_call* call, int64_t epoch,
                   gantry_completion then) {
  return of(host).core->changes.lead(of(host), call, epoch, then);
}

gantry_status follow(const gantry_host* host, const gantry_call* call, int64_t epoch,
                     gantry_completion then) {
  return of(host).core->changes.follow(of(host), call, epoch, then);
}

gantry_status truncate(const gantry_host* host, const gantry_call*, int64_t log_offset,
                       gantry_completion then) {
  return of(host).core->changes.truncate(of(host), log_offset, then);
}

gantry_status trim(const gantry_host* host, int64_t log_offset, uint32_t) {
  of(host).core->changes.trim(log_offset);
  return GANTRY_OK;
}

}  // namespace

const gantry_commitlog& commitlog_service() {
  static constexpr gantry_commitlog table{
      sizeof table, 0,     append, await, read,  read_entries, decode_record, mark, watch,
      gate,         begin, claim,  raise, append_raw, lead,    follow,        truncate, trim};
  return table;
}

}  // namespace gantry::sdk::fake
