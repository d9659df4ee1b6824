/* capabilities: how one module calls another. A binding names an offer and stays valid across
 * reloads; enter() gives the instance and table to call right now, leave() ends the call.
 *
 *   gantry_lease lease;
 *   if (capabilities->enter(binding, call, &lease) == GANTRY_OK) {
 *     status = ((const gantry_queue_index *)lease.table)->bounds(lease.instance, call, ...);
 *     capabilities->leave(&lease, status);
 *   }
 */
#ifndef GANTRY_HOST_CAPABILITIES_H
#define GANTRY_HOST_CAPABILITIES_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_CAPABILITIES "gantry.host.capabilities/0"

typedef struct gantry_binding gantry_binding; /* opaque, host-owned, lives as long as the caller's instance */

/* Frozen. Filled by enter; the caller's own until leave. */
typedef struct gantry_lease {
  gantry_instance *instance;
  const void *table;
  gantry_binding *binding;
  uint64_t generation;
} gantry_lease;

/* Growable. */
typedef struct gantry_capabilities {
  uint32_t struct_size;
  uint32_t reserved;
  /* Finds the offer with this id and name (empty name: the only one, or the first configured). The
   * module must list the id among its needs, else INVALID. GONE when nobody offers it. Both fill
   * error. */
  gantry_status (*bind)(const gantry_host *host, const char *id, gantry_str name,
                        gantry_binding **out, gantry_error *error); /* [control] */
  /* Counts the call and notes who is running. REFUSED when the offer is not running or has been
   * tripped. call may be null on the control thread. */
  gantry_status (*enter)(gantry_binding *binding, const gantry_call *call,
                         gantry_lease *out); /* [any] */
  /* On the thread that entered, once per successful enter. status: what the call came to. */
  void (*leave)(gantry_lease *lease, gantry_status status); /* [any] */
  /* Changes at each reload of what is bound: what was prepared from the old copy is prepared again. */
  uint64_t (*generation)(const gantry_binding *binding); /* [any] */
  /* Names of the running offers of an id, in configuration order (an unnamed offer has its
   * instance's); returns how many there are, and writes at most capacity of them. Host-owned, valid
   * until the next reload. */
  uint32_t (*list)(const gantry_host *host, const char *id, gantry_str *names,
                   uint32_t capacity); /* [any] */
} gantry_capabilities;

#ifdef __cplusplus
}
#endif
#endif
