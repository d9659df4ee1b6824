/* host: what a module instance is given at create. It names the instance and leads to the services.
 *
 * One gantry_host per instance, so the host always knows who is calling. Host-owned; valid from
 * create until destroy returns.
 */
#ifndef GANTRY_HOST_H
#define GANTRY_HOST_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Growable. */
typedef struct gantry_host {
  uint32_t struct_size;
  uint32_t shard_count;     /* fixed for the process; per-shard state is an array indexed by call->shard */
  void *context;            /* opaque, host-owned */
  gantry_str instance_name; /* as configured; host-owned, lives as long as the instance */
  /* The instance's folder: <store root>/gantry/<instance>/, or the store root itself for a module
   * flagged GANTRY_MODULE_STORE_ROOT. Absolute, exists, host-owned, zero-terminated. */
  gantry_str data_dir;

  /* The table of a service ("gantry.host.timer/0"); host-owned, lives as long as the instance.
   * Null when this host has no such service, or not in that revision. */
  const void *(*service)(const struct gantry_host *host, const char *id); /* [any] */

  /* Ends a PENDING life-cycle call (start, quiesce, drain). Late and double completions are counted
   * and ignored. error may be null; it is copied. */
  void (*complete)(const struct gantry_host *host, gantry_token token, gantry_status status,
                   const gantry_error *error); /* [any] */
} gantry_host;

#ifdef __cplusplus
}
#endif
#endif
