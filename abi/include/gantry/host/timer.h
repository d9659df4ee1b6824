/* timer: timers, jobs on a shard, jobs on a worker. Every job is a completion: it runs exactly once,
 * with GANTRY_CANCELLED if the module stops first.
 */
#ifndef GANTRY_HOST_TIMER_H
#define GANTRY_HOST_TIMER_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_TIMER "gantry.host.timer/0"

/* Growable. shard: 0 .. shard_count - 1, else INVALID. */
typedef struct gantry_timer {
  uint32_t struct_size;
  uint32_t reserved;
  /* Calls then.done on `shard` once delay_ms have passed by the steady clock; result is null. *out
   * may be given to cancel. INVALID for an unknown shard; BUSY when 2^24 timers are armed there. */
  gantry_status (*arm)(const gantry_host *host, uint32_t shard, uint64_t delay_ms,
                       gantry_completion then, gantry_token *out); /* [any] */
  /* Calls tick on `shard` every period_ms (at least 1) until cancelled or the module stops; a late
   * tick is not made up for. context is the module's own. */
  gantry_status (*every)(const gantry_host *host, uint32_t shard, uint64_t period_ms,
                         void (*tick)(void *context, const gantry_call *call), /* [shard] */
                         void *context, gantry_token *out); /* [any] */
  /* An armed timer's completion follows with CANCELLED, on its shard; a tick may still be running on
   * another thread when this returns. GONE for a stale token. */
  gantry_status (*cancel)(const gantry_host *host, gantry_token timer); /* [any] */
  /* Runs job.done on `shard` in a later loop turn. */
  gantry_status (*post)(const gantry_host *host, uint32_t shard, gantry_completion job); /* [any] */
  /* Runs job.done on a worker, where it may block. BUSY when the pool's queue is full. */
  gantry_status (*work)(const gantry_host *host, gantry_completion job); /* [any] */
} gantry_timer;

#ifdef __cplusplus
}
#endif
#endif
