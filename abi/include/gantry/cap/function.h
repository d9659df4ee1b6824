/* function: something a module computes for the expressions of others, by name.
 *
 * One offer is one function, and the offer's name is what expressions call it: `lua('vip', region)` of
 * SQL92 calls the offer named "lua". So it is a name as they can write it: letters, digits and `_`, no
 * digit first. Of two offers of one name the first configured is called. Whoever compiles an expression
 * prepares each call of a function in it once, then invokes that for each message. What a function says
 * depends on the message and the arguments only.
 *
 * Values, constants and arguments alike, are NULL, BOOL, I64, F64 or STR. A property of a message is a
 * STR, also where it looks like a number.
 *
 * Calls with the same call->shard do not overlap for one prepared call, for GANTRY_NO_SHARD its owner,
 * who prepared it, sees to it; calls of different shards do. What it changes meanwhile is an array
 * indexed by shard, with one more for NO_SHARD.
 *
 * prepare and invoke are called inside a lease of the offer. GANTRY_FAULT counts against the
 * module, and so many in a row trip it: what an expression or a message is to blame for is INVALID or
 * REFUSED.
 */
#ifndef GANTRY_CAP_FUNCTION_H
#define GANTRY_CAP_FUNCTION_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_FUNCTION "gantry.function/1"

/* opaque, plugin-owned: one call of the function in an expression */
typedef struct gantry_prepared gantry_prepared;

/* Growable. */
typedef struct gantry_function {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* constants[i]: the value argument i always has, or kind GANTRY_NULL when it differs by message;
   * borrowed until this returns, and null when there are none. Sets *out; the caller releases it.
   * INVALID: the call cannot work, call->error says which argument, counted from 1, and why, without
   * the function's name or place. GONE: it names something that isn't there now; BUSY: no room, or no
   * memory, now; after either, asking again may help. */
  gantry_status (*prepare)(gantry_instance *self, const gantry_call *call,
                           const gantry_value *constants, uint32_t argument_count,
                           gantry_prepared **out); /* [worker] */
  /* arguments: all of them, as many as were prepared, constant ones with their value, GANTRY_NULL where
   * the message has no such value. What message and arguments point at is borrowed until this returns;
   * only *out, set when the status is OK, may still point at it: the caller keeps both while it uses
   * that value. A text in *out may also be constant, the prepared call's own until its next invoke
   * on that shard, or of call->arena. Never waits, a few hundred nanoseconds. Below zero: it could not
   * be computed, call->error says why. */
  gantry_status (*invoke)(gantry_prepared *prepared, const gantry_call *call,
                          const gantry_message *message, const gantry_value *arguments,
                          uint32_t argument_count, gantry_value *out); /* [any] */
  /* Ends a prepared call, which is not null: nobody invokes it any more. Needs no lease, since it knows
   * its module; that module's drain() is PENDING until the last one is released, and
   * host->complete(drained) may be called in here. Never waits, never fails. */
  void (*release)(gantry_prepared *prepared); /* [any] */
} gantry_function;

#ifdef __cplusplus
}
#endif
#endif
