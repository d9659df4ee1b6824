/* store_check: compares what a module has stored with the log it was derived from. `gantry verify`
 * walks the log of a stopped node and asks every module that offers this.
 *
 * Called on an instance that was created and is never started: it opens its files read-only and
 * changes nothing. One control thread; open, check ..., close, once each.
 */
#ifndef GANTRY_CAP_STORE_CHECK_H
#define GANTRY_CAP_STORE_CHECK_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_STORE_CHECK "gantry.store_check/0"

/* gantry_message.flags of a record given to check: its topic's codes are a module's that isn't here
 * (cap/index_code.h), so what the index has for it is not to be compared with tag_code. */
#define GANTRY_MSG_CODE_UNKNOWN 0x100u

/* Growable; the host's. */
typedef struct gantry_check_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context; /* the host's, valid until close returns */
  /* One line about one finding: what is wrong where. Copied. Each counts as an error. */
  void (*finding)(void *context, gantry_str text); /* [control] */
} gantry_check_sink;

/* Growable; the caller's. */
typedef struct gantry_check_counts {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t queues;  /* queues looked at */
  uint64_t entries; /* queue entries compared */
  uint64_t keys;    /* key entries compared */
} gantry_check_counts;

/* Growable. */
typedef struct gantry_store_check {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* *covered: the log offset up to which the stored state is promised to be whole; what lies at or
   * above it is replayed at the next start and not missed. An error: nothing can be compared. */
  gantry_status (*open)(gantry_instance *self, const gantry_check_sink *sink, int64_t *covered,
                        gantry_error *error); /* [control] */
  /* The next records in log order, from the log's begin on: each below `covered` must have its
   * entries, as its bytes and tag_code say. */
  gantry_status (*check)(gantry_instance *self, const gantry_batch *batch,
                         gantry_error *error); /* [control] */
  /* log_begin, log_end: what the log holds. Entries of records that it doesn't hold are findings. */
  gantry_status (*close)(gantry_instance *self, int64_t log_begin, int64_t log_end,
                         gantry_check_counts *counts, gantry_error *error); /* [control] */
} gantry_store_check;

#ifdef __cplusplus
}
#endif
#endif
