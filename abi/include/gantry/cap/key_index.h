/* key_index: from a message's key, unique key or tag to places in the log. Built from the log by a
 * log consumer of the same instance.
 *
 * Hits are by hash: who asks reads the records and drops what doesn't carry the key.
 */
#ifndef GANTRY_CAP_KEY_INDEX_H
#define GANTRY_CAP_KEY_INDEX_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_KEY_INDEX "gantry.key_index/0"

#define GANTRY_KEY_KEY 0u /* one of KEYS, or UNIQ_KEY */
#define GANTRY_KEY_TAG 1u /* TAGS, whole (RocketMQ 5.5.0 and later index it) */

/* Growable. Borrowed until the call returns. */
typedef struct gantry_key_query {
  uint32_t struct_size;
  uint32_t kind; /* GANTRY_KEY_* */
  gantry_str topic;
  gantry_str key;
  int64_t begin_ms; /* wall clock; store times from here ... */
  int64_t end_ms;   /* ... to here, both included, in whole seconds of the index */
} gantry_key_query;

/* Growable; the caller's. */
typedef struct gantry_key_hits {
  uint32_t struct_size;
  uint32_t capacity;    /* in: room in log_offsets */
  int64_t *log_offsets; /* in: the caller's; filled newest first */
  uint32_t count;       /* out */
  uint32_t more;        /* out: 1 when there was no room for all */
  int64_t newest_ms;    /* out: store time of the newest indexed record; 0 for none */
  int64_t newest_log_offset; /* out: its place */
} gantry_key_hits;

/* Growable. */
typedef struct gantry_key_index {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* OK with count 0 when there is nothing. Reads files. */
  gantry_status (*find)(gantry_instance *self, const gantry_call *call,
                        const gantry_key_query *query, gantry_key_hits *hits); /* [worker] */
} gantry_key_index;

#ifdef __cplusplus
}
#endif
#endif
