/* offsets: how far groups have consumed queues. Offered by whoever serves consumers. Stored every so
 * often, not with each commit: a crash may take a group back by that interval, never forward.
 */
#ifndef GANTRY_CAP_OFFSETS_H
#define GANTRY_CAP_OFFSETS_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_OFFSETS "gantry.offsets/0"

/* commit(): how */
#define GANTRY_COMMIT_SET 0u     /* also back, as RocketMQ's code 15 */
#define GANTRY_COMMIT_FORWARD 1u /* only when it is more than what is there */

/* Growable. offset is the next one to be consumed. */
typedef struct gantry_offsets {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* GONE when the group never committed there; *out is then -1. */
  gantry_status (*get)(gantry_instance *self, const gantry_call *call, gantry_str group,
                       gantry_str topic, int32_t queue_id, int64_t *out); /* [any] */
  /* INVALID below 0, or for a queue no topic can have. OK, and nothing changes, while an operator's
   * reset of that queue waits to be heard of by a pull. */
  gantry_status (*commit)(gantry_instance *self, const gantry_call *call, gantry_str group,
                          gantry_str topic, int32_t queue_id, uint32_t how,
                          int64_t offset); /* [any] */
} gantry_offsets;

#ifdef __cplusplus
}
#endif
#endif
