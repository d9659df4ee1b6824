/* call: what every call into a plugin carries, the life cycle and [control] calls excepted.
 *
 * Thread tags. Every function pointer of this ABI ends with exactly one:
 *   [control] the node's control thread: life cycle, configuration; may take its time
 *   [shard]   the I/O shard that owns the session; never blocks; budget about 50 us
 *   [log]     one call at a time, in log order; 1 us a record when inline
 *   [worker]  a pool thread of the host; may block
 *   [any]     whichever thread the caller is on
 * Calls of different tags, and [shard] calls of different shards, may overlap.
 */
#ifndef GANTRY_CALL_H
#define GANTRY_CALL_H

#include "gantry/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Filled by whoever refuses. Growable; the caller owns it. text is UTF-8, cut at its end if longer,
 * and always zero-terminated. wire_code is the RocketMQ response code to answer with, 0 for none. */
typedef struct gantry_error {
  uint32_t struct_size;
  gantry_status code;
  int32_t wire_code;
  char text[244];
} gantry_error;

#define GANTRY_NO_SHARD 0xffffffffu /* gantry_call.shard on workers and foreign threads */

/* Growable; host-owned; lives until the call returns. */
typedef struct gantry_call {
  uint32_t struct_size;
  uint32_t shard;      /* 0 .. host->shard_count - 1, or GANTRY_NO_SHARD */
  int64_t now_ms;      /* wall clock, read once per loop turn */
  uint64_t now_ns;     /* steady clock, the same reading */
  uint64_t budget_ns;  /* what this call may take before it is reported; 0 is unbounded */
  gantry_arena *arena; /* scratch memory that lives until the call returns */
  gantry_error *error; /* never null */
} gantry_call;

/* Frozen. A promise by the host: done is called exactly once, with GANTRY_CANCELLED at the latest
 * before the module's stop() returns; on the shard that asked if it was a shard, else on a worker.
 * Never inside the call that took it or the one that ended it. Not called when the function that
 * took it returned below zero. context is the module's own.
 * result: what the taking function says, borrowed until done returns; null unless status is OK. */
typedef struct gantry_completion {
  void (*done)(void *context, const gantry_call *call, gantry_status status,
               const void *result); /* [any] */
  void *context;
} gantry_completion;

#ifdef __cplusplus
}
#endif
#endif
