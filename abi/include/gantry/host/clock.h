/* clock: the time, for code that has no gantry_call at hand or runs long in one. Tests move it by
 * hand.
 *
 * The two clocks of gantry_call, read anew; a reading costs some 30 ns. In all of Gantry now_ms is the
 * wall clock, for what is stored, sent or shown, and now_ns the steady one, for what is measured or
 * waited for.
 */
#ifndef GANTRY_HOST_CLOCK_H
#define GANTRY_HOST_CLOCK_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_CLOCK "gantry.host.clock/1"

/* From start until destroy returns. Growable. */
typedef struct gantry_clock {
  uint32_t struct_size;
  uint32_t reserved;
  /* Milliseconds since 1970-01-01 UTC, without leap seconds. Set by operators and by NTP: it may jump,
   * also back. */
  int64_t (*now_ms)(const gantry_host *host); /* [any] */
  /* Nanoseconds since a start that is the same for all of this process and unknown: of no use to
   * others or after a restart. Never goes back; may stand still while the machine sleeps. */
  uint64_t (*now_ns)(const gantry_host *host); /* [any] */
} gantry_clock;

#ifdef __cplusplus
}
#endif
#endif
