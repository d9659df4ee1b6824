/* function: something a module computes for the expressions of others, by name.
 *
 * One offer is one function, and the offer's name is what expressions call it: `lua('vip', region)` of
 * SQL92 calls the offer named "lua". Whoever compiles an expression prepares each call of a function
 * in it once, then invokes that for each message. What a function says depends on the message and the
 * arguments only.
 *
 * Calls with the same call->shard do not overlap for one prepared call, for GANTRY_NO_SHARD its owner
 * sees to it; calls of different shards do. What it changes meanwhile is an array indexed by shard,
 * with one more for NO_SHARD.
 */
#ifndef GANTRY_CAP_FUNCTION_H
#define GANTRY_CAP_FUNCTION_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_FUNCTION "gantry.function/0"

/* opaque, plugin-owned: one call of the function in an expression */
typedef struct gantry_prepared gantry_prepared;

/* Growable. */
typedef struct gantry_function {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* constants[i]: the value argument i always has, or kind GANTRY_NULL when it differs by message;
   * borrowed until this returns. Sets *out; the caller releases it. INVALID: the call cannot work,
   * call->error says which argument and why, without the function's name or place. */
  gantry_status (*prepare)(gantry_instance *self, const gantry_call *call,
                           const gantry_value *constants, uint32_t argument_count,
                           uint32_t reserved, gantry_prepared **out); /* [worker] */
  /* arguments: all of them, GANTRY_NULL where the message has no such value; what message and
   * arguments point at is borrowed until this returns. *out is NULL, BOOL, I64, F64 or STR; a text in
   * it lives as long as the call's arena. Never waits, a few hundred nanoseconds. Below zero: it
   * could not be computed, call->error says why. */
  gantry_status (*invoke)(gantry_prepared *prepared, const gantry_call *call,
                          const gantry_message *message, const gantry_value *arguments,
                          uint32_t argument_count, uint32_t reserved, gantry_value *out); /* [any] */
  /* Ends a prepared call: nobody invokes it any more. Needs no lease, since it knows its module; that
   * module's drain() is PENDING until the last one is released. */
  void (*release)(gantry_prepared *prepared); /* [any] */
} gantry_function;

#ifdef __cplusplus
}
#endif
#endif
