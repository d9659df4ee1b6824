/* clock: the time, for code that has no gantry_call at hand. Tests move it by hand. */
#ifndef GANTRY_HOST_CLOCK_H
#define GANTRY_HOST_CLOCK_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_CLOCK "gantry.host.clock/0"

/* Growable. */
typedef struct gantry_clock {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t (*now_ms)(const gantry_host *host);  /* [any] wall clock, milliseconds since the epoch */
  uint64_t (*now_ns)(const gantry_host *host); /* [any] steady clock, nanoseconds, arbitrary start */
} gantry_clock;

#ifdef __cplusplus
}
#endif
#endif
