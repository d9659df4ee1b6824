/* log_consumer: gets every record in log order. Its state is a function of a prefix of the log.
 *
 * It stores its state and its position together and is replayed from there. It persists only up to
 * STABLE. It derives nothing (appends, wake-ups) before live() has said that the tail found at start
 * is consumed. What it appended counts once it comes back through the log.
 *
 * While live, truncate or position runs, no other call of that consumer runs. persist and trimmed are
 * called one at a time, and may run beside consume.
 */
#ifndef GANTRY_CAP_LOG_CONSUMER_H
#define GANTRY_CAP_LOG_CONSUMER_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_LOG_CONSUMER "gantry.log_consumer/0"

#define GANTRY_LOG_INLINE 1u /* runs when VISIBLE rises, on the shard that notices, at most 1 us a
                                record; else on the log worker */
#define GANTRY_LOG_BOUNDS_VISIBILITY 2u /* what it hasn't consumed cannot be served: the log takes no
                                           records while it is too far behind VISIBLE */

/* Growable. Order among consumers: gantry_offer.after. */
typedef struct gantry_log_consumer {
  uint32_t struct_size;
  uint32_t flags;
  /* Where to replay from: the position its stored state covers; 0 for nothing. */
  gantry_status (*position)(gantry_instance *self, int64_t *replay_from,
                            gantry_error *error); /* [control] */
  /* Takes records [0 .. *consumed) of the batch, in order. Fewer, or a status below zero: the rest
   * comes again after a back-off; three times an index that cannot go on fails the node. */
  gantry_status (*consume)(gantry_instance *self, const gantry_call *call,
                           const gantry_batch *batch, uint32_t *consumed); /* [log] */
  /* The tail found at start has been consumed: log_offset is its end. */
  void (*live)(gantry_instance *self, int64_t log_offset); /* [control] */
  /* Makes state and position durable, never beyond `stable`; *persisted is the position a restart
   * would replay from. */
  gantry_status (*persist)(gantry_instance *self, const gantry_call *call, int64_t stable,
                           int64_t *persisted); /* [worker] */
  /* The log ends at log_offset: forget every record at or after it. At start, when the log came
   * back shorter than position(), and when a following node's log is cut. */
  gantry_status (*truncate)(gantry_instance *self, int64_t log_offset,
                            gantry_error *error); /* [log] */
  /* The log begins at min_log_offset now: what tells of records below it only is of no more use.
   * Comes again, higher, after every later trim, and at start, before the replay, when the log does
   * not begin at 0. A consumer bound with on_lag = drop may not have seen all of what is gone. */
  void (*trimmed)(gantry_instance *self, const gantry_call *call,
                  int64_t min_log_offset); /* [worker] */
} gantry_log_consumer;

#ifdef __cplusplus
}
#endif
#endif
