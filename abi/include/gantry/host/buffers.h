/* buffers: counted bytes that outlive a call, and scratch memory that doesn't. */
#ifndef GANTRY_HOST_BUFFERS_H
#define GANTRY_HOST_BUFFERS_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_BUFFERS "gantry.host.buffers/0"

/* Growable. */
typedef struct gantry_buffers {
  uint32_t struct_size;
  uint32_t reserved;
  /* One more owner. Counted against the module at the size of the whole buffer. */
  void (*retain)(const gantry_host *host, gantry_buffer *buffer); /* [any] */
  /* One owner less; the last one frees it. */
  void (*release)(const gantry_host *host, gantry_buffer *buffer); /* [any] */
  /* A new buffer of size bytes with one reference, the caller's, in *out; *writable is its start and
   * may be written until the slice is given away. BUSY when memory is short. */
  gantry_status (*reserve)(const gantry_host *host, uint64_t size, gantry_slice *out,
                           uint8_t **writable); /* [any] */
  /* size bytes aligned to 16 that live as long as the arena; null when memory is short. */
  uint8_t *(*scratch)(gantry_arena *arena, uint64_t size); /* [any] */
} gantry_buffers;

#ifdef __cplusplus
}
#endif
#endif
