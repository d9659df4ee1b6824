/* commitlog: the node's one ordered log. A module appends records, waits for marks, reads bytes.
 *
 * The kernel numbers records densely per (topic, queue id); it does not know whether a topic exists.
 * append answers at once and never waits for the disk: what was promised to a client is waited for
 * with requests.respond_after or await. Readers never see beyond VISIBLE.
 */
#ifndef GANTRY_HOST_COMMITLOG_H
#define GANTRY_HOST_COMMITLOG_H

#include "gantry/host.h"
#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_COMMITLOG "gantry.host.commitlog/0"

/* Marks: log offsets that only rise, each raised by one owner. Used as index and as bit 1 << mark. */
#define GANTRY_MARK_APPENDED 0u   /* kernel: numbered, perhaps only staged in memory */
#define GANTRY_MARK_WRITTEN 1u    /* kernel: readable */
#define GANTRY_MARK_DURABLE 2u    /* kernel: fdatasync returned */
#define GANTRY_MARK_REPLICATED 3u /* the replication module; follows WRITTEN when none is bound */
#define GANTRY_MARK_STABLE 4u     /* kernel: never truncated below */
#define GANTRY_MARK_VISIBLE 5u    /* kernel: the least of dispatch.visible_after */
#define GANTRY_MARK_COUNT 6u

/* trim(): what the disk needs */
#define GANTRY_TRIM_FORCED 1u /* the room is needed now: consumers bound with on_lag = drop are left
                                 behind, the others still hold what they have not persisted */

/* gantry_put.flags */
#define GANTRY_PUT_RAW_NUMBER 1u /* keep the given queue_offset */
#define GANTRY_PUT_UNNUMBERED 2u /* store queue offset 0 and take no number */
#define GANTRY_PUT_NO_HOOKS 4u   /* a re-put (delay, retry, revive): put hooks don't see it */

/* Growable. Borrowed until append returns. */
typedef struct gantry_put {
  uint32_t struct_size;
  uint32_t flags;
  uint32_t count;  /* records; above 1: one topic and queue, contiguous in the log */
  uint32_t stride; /* bytes from one record to the next */
  /* Of each: topic, queue_id, body, property_text (properties[] is not looked at), born_ms, flags,
   * reconsume_times, prepared_offset, and both hosts, which must be given. The rest is the kernel's. */
  const gantry_message *records;
  uint32_t span;         /* queue offsets one record takes: 1, or n for an inner batch */
  uint32_t stream_count; /* further queues the record is numbered in */
  const gantry_str *streams;
} gantry_put;

/* Growable; the caller's. */
typedef struct gantry_put_result {
  uint32_t struct_size;
  uint32_t count;
  int64_t log_begin;
  int64_t log_end;
  int64_t first_queue_offset;
  int64_t stored_ms;
  int64_t *log_offsets; /* caller's array of `count` offsets to fill; null for none */
} gantry_put_result;

/* decode(): what to look for beyond the fixed fields */
#define GANTRY_DECODE_TAG_CODE 1u /* compute tag_code from the stored TAGS */
#define GANTRY_DECODE_CHECK 2u    /* verify the body's CRC */

/* Growable. */
typedef struct gantry_commitlog {
  uint32_t struct_size;
  uint32_t reserved;
  /* Encodes, numbers and stores. A failed append takes no numbers.
   * REFUSED: a gate is closed, call->error has its wire code and reason. BUSY: no prepared space,
   * answer wire code 2. INVALID: over a limit, the error names field and value (wire code 13). */
  gantry_status (*append)(const gantry_host *host, const gantry_call *call, const gantry_put *put,
                          gantry_put_result *result); /* [any] */
  /* Completes when all of `marks` (bits) have reached log_end; BUSY after timeout_ms (at least 1, else
   * INVALID); FAULT when the log failed; GONE when it was cut below log_end. result is null. */
  gantry_status (*await)(const gantry_host *host, const gantry_call *call, int64_t log_end,
                         uint32_t marks, uint32_t timeout_ms, gantry_completion then); /* [any] */
  /* size bytes at log_offset, one pin, in *out; the caller releases out->buffer. WOULD_BLOCK when
   * not resident and may_block is 0; GONE outside the log or beyond VISIBLE. */
  gantry_status (*read)(const gantry_host *host, int64_t log_offset, uint64_t size,
                        uint32_t may_block, gantry_slice *out); /* [any] */
  /* The records of a run of index entries, one pin per run of adjacent records: out[0..*slices)
   * covers entries[0..*covered). In: *slices is the capacity of out. The caller releases each
   * slice's buffer. Stops early at what is not resident (WOULD_BLOCK if that is the first). */
  gantry_status (*read_entries)(const gantry_host *host, const gantry_index_entry *entries,
                                uint32_t count, uint32_t may_block, gantry_slice *out,
                                uint32_t *slices, uint32_t *covered); /* [any] */
  /* A view of stored bytes; INVALID if they are no record. what: GANTRY_DECODE_* bits. Views borrow
   * from `record`. */
  gantry_status (*decode)(const gantry_host *host, gantry_bytes record, uint32_t what,
                          gantry_message *out); /* [any] */
  /* The log offset a mark stands at; -1 for an unknown mark. */
  int64_t (*mark)(const gantry_host *host, uint32_t mark); /* [any] */
  /* Completes once `mark` stands above `above`, with GONE when the log was cut there or below;
   * result is null. */
  gantry_status (*watch)(const gantry_host *host, uint32_t mark, int64_t above,
                         gantry_completion then); /* [any] */
  /* Closes or opens a gate of this module: appends report the first closed one with its wire code
   * and reason. */
  gantry_status (*gate)(const gantry_host *host, gantry_str name, uint32_t closed,
                        int32_t wire_code, gantry_str reason); /* [any] */
  /* Where the log begins: the first byte that can still be read. */
  int64_t (*begin)(const gantry_host *host); /* [any] */

  /* What follows is for modules that replicate the log or let go of its old part. A log starts as
   * leader. Changes of role and cuts run one at a time, in the order asked, on the log worker; `then`
   * completes where it was asked, CANCELLED when the node stops first; result is null. */

  /* REPLICATED rises by this module's raise() only; the node reads it as part of STABLE from then
   * on. INVALID for another mark; REFUSED when somebody owns it, or outside start(). */
  gantry_status (*claim)(const gantry_host *host, uint32_t mark); /* [control] */
  /* Never lowers. REFUSED when this module did not claim the mark; INVALID above APPENDED. */
  gantry_status (*raise)(const gantry_host *host, uint32_t mark, int64_t log_offset); /* [any] */
  /* Takes another node's bytes as they are: whole records, each at the place it tells, from
   * log_offset, which is the log's end; all of them or none; put hooks do not see them. BUSY: no
   * prepared space, or another such call runs. INVALID: the error says what is wrong where. REFUSED:
   * the node leads, or is about to. */
  gantry_status (*append_raw)(const gantry_host *host, const gantry_call *call, int64_t log_offset,
                              gantry_bytes records); /* [any] */
  /* Takes appends again, once what was appended is VISIBLE and the queue index has consumed it; no
   * append_raw from here on. INVALID: the epoch is not above the last one given, counted from 0. */
  gantry_status (*lead)(const gantry_host *host, const gantry_call *call, int64_t epoch,
                        gantry_completion then); /* [any] */
  /* Appends are REFUSED with wire code 14; completes when all that was appended is DURABLE. INVALID
   * as for lead. */
  gantry_status (*follow)(const gantry_host *host, const gantry_call *call, int64_t epoch,
                          gantry_completion then); /* [any] */
  /* Ends the log at log_offset, the end of a record. Every consumer forgets what lies behind, answers
   * that waited for it are answered 1, then the marks come down and the bytes are wiped. Completes
   * with REFUSED when the node leads, INVALID below STABLE, above APPENDED or inside a record. */
  gantry_status (*truncate)(const gantry_host *host, const gantry_call *call, int64_t log_offset,
                            gantry_completion then); /* [any] */
  /* Asks for whole files below log_offset to be removed, as far as consumers let go of them: what a
   * consumer has not persisted stays. flags: GANTRY_TRIM_*. begin() tells what came of it. */
  gantry_status (*trim)(const gantry_host *host, int64_t log_offset, uint32_t flags); /* [any] */
} gantry_commitlog;

#ifdef __cplusplus
}
#endif
#endif
