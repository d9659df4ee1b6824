/* filter: judges records by an expression that a consumer subscribed with.
 *
 * One offer serves one expression type, and the offer's name is that type as clients send it: "TAG",
 * "SQL92", "LUA". Whoever reads a queue compiles an expression once, then judges in two looks:
 * match_index sees 24-byte entries of the queue index only; where these can't tell, match sees the
 * messages.
 *
 * A program is a pure function of the record, and says the same on every shard and for every group,
 * so one program serves all who subscribed with the same text. Calls with the same call->shard do not
 * overlap for one program, for GANTRY_NO_SHARD its owner sees to it; calls of different shards do.
 * What a program changes while it judges is an array indexed by shard, with one more for NO_SHARD.
 */
#ifndef GANTRY_CAP_FILTER_H
#define GANTRY_CAP_FILTER_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_FILTER "gantry.filter/0"

/* Verdicts, a byte each. What is none of them is an ERROR. A filter whose operator prefers a message
 * it cannot judge to be delivered, or passed over, says DELIVER or SKIP. */
#define GANTRY_SKIP 0u    /* not for this subscription */
#define GANTRY_DELIVER 1u /* for it */
#define GANTRY_LOOK 2u    /* match_index only: ask match */
#define GANTRY_ERROR 3u   /* it could not be judged: the reader stops there, and is told why */

typedef struct gantry_program gantry_program; /* opaque, plugin-owned: one compiled expression */

/* Growable; the caller's. What an expression came to. line and column say where it went wrong: both
 * count characters from 1, and are 0 when no place is to blame. */
typedef struct gantry_compiled {
  uint32_t struct_size;
  uint32_t line;
  uint32_t column;
  uint32_t reserved;
  gantry_program *program; /* the caller releases it; null when compile failed */
} gantry_compiled;

/* Growable. */
typedef struct gantry_filter {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* INVALID: call->error says what is wrong, and *out where; the text alone is enough for a user, so
   * it names the place, too. GONE: it names something that isn't there now; asking again may help.
   * The expression may be of any bytes; it is borrowed until this returns. */
  gantry_status (*compile)(gantry_instance *self, const gantry_call *call, gantry_str expression,
                           gantry_compiled *out); /* [worker] */
  /* verdicts[i] tells of message i. Below zero: nothing was judged. With an ERROR among them
   * call->error says what was wrong with the first of these. */
  gantry_status (*match)(gantry_program *program, const gantry_call *call,
                         const gantry_batch *batch, uint8_t *verdicts); /* [any] */
  /* Ends a program: no call of it runs any more. Needs no lease, since the program knows its module;
   * that module's drain() is PENDING until its last program is released. */
  void (*release)(gantry_program *program); /* [any] */
  /* verdicts[i] tells of entries[i], mostly from its code: the tag's hash, or what the topic's
   * index_code made of the record. Never waits, never allocates, a few nanoseconds an entry. Null for
   * a filter that must always look. Below zero: nothing was judged. */
  gantry_status (*match_index)(gantry_program *program, const gantry_call *call,
                               const gantry_index_entry *entries, uint32_t count,
                               uint8_t *verdicts); /* [any] */
  /* What the operator bound on this node to the reads of a group from a topic: an expression for
   * compile, which judges beside the one the consumer asked for; a record goes out if both deliver
   * it. *expression lives as long as the instance. GONE: nothing is bound. Asked for every read,
   * without a lease, from start to drain: a look-up. Null for a filter that binds nothing. */
  gantry_status (*bound)(gantry_instance *self, const gantry_call *call, gantry_str topic,
                         gantry_str group, gantry_str *expression); /* [shard] */
} gantry_filter;

#ifdef __cplusplus
}
#endif
#endif
