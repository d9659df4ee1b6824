/* filter: judges records by an expression that a consumer subscribed with.
 *
 * One offer serves one expression type, and the offer's name is that type as clients send it, byte for
 * byte: "TAG", "SQL92", "LUA". Of two offers of one type the first configured serves it. Whoever reads
 * a queue compiles an expression once, then judges in two looks: match_index sees 24-byte entries of
 * the queue index only; where these can't tell, match sees the messages.
 *
 * A program is a pure function of the record, and says the same on every shard and for every group,
 * so one program serves all who subscribed with the same text. Its owner is who compiled it. Calls
 * with the same call->shard do not overlap for one program, for GANTRY_NO_SHARD its owner sees to it;
 * calls of different shards do. What a program changes while it judges is an array indexed by shard,
 * with one more for NO_SHARD.
 *
 * compile, match and match_index are called inside a lease of the offer. GANTRY_FAULT counts against the
 * module, and so many in a row trip it: what an expression or a message is to blame for is INVALID or
 * REFUSED.
 */
#ifndef GANTRY_CAP_FILTER_H
#define GANTRY_CAP_FILTER_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_FILTER "gantry.filter/1"

/* Verdicts, a byte each; no statuses. What is none of them is an ERROR. A filter whose operator prefers
 * a message it cannot judge to be delivered, or passed over, says DELIVER or SKIP. */
#define GANTRY_VERDICT_SKIP 0u    /* not for this subscription */
#define GANTRY_VERDICT_DELIVER 1u /* for it */
#define GANTRY_VERDICT_LOOK 2u    /* match_index only: ask match */
#define GANTRY_VERDICT_ERROR 3u   /* it could not be judged: the reader stops there, and is told why */

typedef struct gantry_program gantry_program; /* opaque, plugin-owned: one compiled expression */

/* Growable; the caller's, who sets struct_size and zeroes the rest. What an expression came to. line
 * and column say where it went wrong: both count characters from 1, and are 0 when no place is to
 * blame. */
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
   * it names the place, too. It is wrong for good: the answer may be kept. GONE: it names something
   * that isn't there now; BUSY: no room, or no memory, now; after either, asking again may help.
   * The expression may be of any bytes, and as long as the reader permits; it is borrowed until this
   * returns. */
  gantry_status (*compile)(gantry_instance *self, const gantry_call *call, gantry_str expression,
                           gantry_compiled *out); /* [worker] */
  /* verdicts[i] tells of message i: SKIP, DELIVER or ERROR. All are written, unless the status is below
   * zero: then nothing was judged, and call->error says why. REFUSED: what the program needs does not
   * run now; its owner may compile anew. With an ERROR among them call->error says what was wrong
   * with the first of these; verdicts behind it are not looked at. Never waits: a shard's other
   * clients would, too. */
  gantry_status (*match)(gantry_program *program, const gantry_call *call,
                         const gantry_batch *batch, uint8_t *verdicts); /* [any] */
  /* Ends a program, which is not null: no call of it runs any more, none comes. Needs no lease, since
   * the program knows its module; that module's drain() is PENDING until its last program is
   * released, and host->complete(drained) may be called in here. Never waits, never fails. */
  void (*release)(gantry_program *program); /* [any] */
  /* verdicts[i] tells of entries[i], mostly from its code: the tag's hash, or what the topic's
   * index_code made of the record. What can't be told is a LOOK. All are written, unless the status is
   * below zero, as of match. Never waits, never allocates, a few nanoseconds an entry. Null for a
   * filter that must always look. */
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
