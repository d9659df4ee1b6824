/* queue_index: from a queue offset to a place in the log. Built from the log by a log consumer of the
 * same instance, so a bound index has consumed the log up to VISIBLE.
 *
 * Light queues (records with INNER_MULTI_DISPATCH) are queue 0 of their own name. An inner batch is
 * one entry that takes `span` queue offsets; its bounds include all of them.
 */
#ifndef GANTRY_CAP_QUEUE_INDEX_H
#define GANTRY_CAP_QUEUE_INDEX_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_QUEUE_INDEX "gantry.queue_index/0"

/* Frozen. The queue's offsets are [min, max); max is the next one to be given. */
typedef struct gantry_queue_bounds {
  int64_t min;
  int64_t max;
} gantry_queue_bounds;

/* Growable. */
typedef struct gantry_queue_index {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* Entries from queue offset `from` on: *count of them, at most capacity. The first is the one that
   * `from` lies in; each next begins `span` (0 is 1) behind the one before it. OK with 0 at the
   * queue's end; GONE below its minimum or for an unknown queue; WOULD_BLOCK when not resident and
   * may_block is 0. */
  gantry_status (*read)(gantry_instance *self, const gantry_call *call, gantry_str topic,
                        int32_t queue_id, uint32_t may_block, int64_t from,
                        gantry_index_entry *entries, uint32_t capacity,
                        uint32_t *count); /* [any] */
  /* Never touches the disk. GONE for a queue that has no entry; *out is then {0, 0}. */
  gantry_status (*bounds)(gantry_instance *self, const gantry_call *call, gantry_str topic,
                          int32_t queue_id, gantry_queue_bounds *out); /* [any] */
  /* By store time, in [min, max]. upper 0: the first offset whose record was stored at time_ms or
   * later, max when there is none. upper 1: the last one stored at time_ms or earlier, min when there
   * is none. Records the log no longer holds are passed over. An inner batch counts by its first
   * offset, and past the last one that is the answer, not max. GONE for a queue without entries. */
  gantry_status (*at_time)(gantry_instance *self, const gantry_call *call, gantry_str topic,
                           int32_t queue_id, uint32_t upper, int64_t time_ms,
                           int64_t *queue_offset); /* [worker] */
} gantry_queue_index;

#ifdef __cplusplus
}
#endif
#endif
