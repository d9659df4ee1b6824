/* base: the frozen values every other header is made of.
 *
 * They cross the boundary by value and in arrays. Their size, offsets and constants are asserted in
 * abi/check and never change; a new need is a new type. Pointers inside them are borrowed: they are
 * valid until the call they appear in returns, unless the function says longer.
 */
#ifndef GANTRY_BASE_H
#define GANTRY_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. Zero and above is progress, below zero is a refusal; unknown negative values
 * are treated as GANTRY_FAULT. */
typedef int32_t gantry_status;

#define GANTRY_OK 0
#define GANTRY_PENDING 1        /* the answer comes later, by token or completion */
#define GANTRY_WOULD_BLOCK (-1) /* not resident: ask again from a [worker] with may_block */
#define GANTRY_GONE (-2)        /* what was named is not there, or not any more */
#define GANTRY_REFUSED (-3)     /* a gate, a hook or a tripped binding said no; error has code and text */
#define GANTRY_BUSY (-4)        /* no room right now; trying again may work */
#define GANTRY_CANCELLED (-5)   /* given up because its owner is stopping */
#define GANTRY_INVALID (-6)     /* the caller's arguments are wrong; error names the argument */
#define GANTRY_FAULT (-7)       /* something broke inside; error says what */

typedef uint64_t gantry_token;   /* slot and generation; 0 is none; stale ones are counted and ignored */
typedef uint64_t gantry_session; /* a connected client; never reused; 0 is the node itself */

/* Characters: UTF-8, no terminating zero. data may be null when size is 0. */
typedef struct gantry_str {
  const char *data;
  uint64_t size; /* bytes */
} gantry_str;

typedef struct gantry_bytes {
  const uint8_t *data;
  uint64_t size; /* bytes */
} gantry_bytes;

typedef struct gantry_property {
  gantry_str key;
  gantry_str value;
} gantry_property;

typedef struct gantry_buffer gantry_buffer;     /* opaque, host-owned, counted (host/buffers.h) */
typedef struct gantry_instance gantry_instance; /* opaque, plugin-owned: one configured module */
typedef struct gantry_arena gantry_arena;       /* opaque, host-owned; freed when its call or token ends */

/* Bytes and what keeps them alive. buffer null: the bytes outlive every user (constants). */
typedef struct gantry_slice {
  const uint8_t *data;
  uint64_t size; /* bytes */
  gantry_buffer *buffer;
} gantry_slice;

/* gantry_value.kind */
#define GANTRY_NULL 0
#define GANTRY_BOOL 1 /* as.i is 0 or 1 */
#define GANTRY_I64 2
#define GANTRY_F64 3
#define GANTRY_STR 4
#define GANTRY_LIST 5 /* settings only: as.i is the number of items, each a GANTRY_STR */

typedef struct gantry_value {
  uint32_t kind;
  uint32_t reserved;
  union {
    int64_t i;
    double f;
    gantry_str s;
  } as;
} gantry_value;

/* Growable structs start with struct_size, are reached by pointer only and grow at the end. Does the
 * maker of *p know this member? */
#define GANTRY_HAS(p, type, member) \
  ((p)->struct_size >= offsetof(type, member) + sizeof((p)->member))

#ifdef __cplusplus
}
#endif
#endif
