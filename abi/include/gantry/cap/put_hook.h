/* put_hook: sees a record on its way into the log. May refuse it, send it elsewhere or rewrite it.
 *
 * Runs for every append but those flagged GANTRY_PUT_NO_HOOKS and raw bytes from another node's
 * log, in the chain's order (gantry_offer.after, otherwise as configured). The chain is resolved
 * once, when all modules have started. Synchronous: no hook waits for anything. A hook that appends
 * something itself does so with GANTRY_PUT_NO_HOOKS, or may meet itself: hooks in hooks are REFUSED
 * from a depth of 8 on.
 */
#ifndef GANTRY_CAP_PUT_HOOK_H
#define GANTRY_CAP_PUT_HOOK_H

#include "gantry/host/commitlog.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_PUT_HOOK "gantry.put_hook/0"

/* Opaque; the host's, valid until `before` returns. Nothing is copied until something is edited. */
typedef struct gantry_put_edit gantry_put_edit;

/* Growable; the host's. Every edit is seen by the hooks behind and checked again before the append;
 * texts are copied. INVALID: nothing was edited, call->error names the field and the value that
 * cannot be. BUSY when memory is short. */
typedef struct gantry_put_editor {
  uint32_t struct_size;
  uint32_t reserved;
  /* The whole put goes to this topic and queue. */
  gantry_status (*redirect)(gantry_put_edit *edit, gantry_str topic, int32_t queue_id); /* [any] */
  /* Behind the others, instead of every one of that key; an empty value erases. Neither may have a
   * byte 0, 1 or 2 in it. */
  gantry_status (*set_property)(gantry_put_edit *edit, uint32_t record, gantry_str key,
                                gantry_str value); /* [any] */
  gantry_status (*erase_property)(gantry_put_edit *edit, uint32_t record,
                                  gantry_str key); /* [any] */
  /* Room for the record's new body, to be filled before `before` returns. */
  gantry_status (*replace_body)(gantry_put_edit *edit, uint32_t record, uint64_t size,
                                uint8_t **out); /* [any] */
  /* RocketMQ's MessageSysFlag bits of one record; the two IPv6 bits stay the kernel's. */
  gantry_status (*set_sys_flag)(gantry_put_edit *edit, uint32_t record,
                                int32_t sys_flag); /* [any] */
} gantry_put_editor;

/* Growable. */
typedef struct gantry_put_hook {
  uint32_t struct_size;
  uint32_t when_count; /* 0: every put */
  /* Names of the properties that concern this hook: it runs when a record carries one of them. The
   * kernel scans a property text once for all hooks, and again when a hook has edited it; a put
   * that has none of them pays nothing else. Static: lives as long as the library. */
  const gantry_str *when;
  /* After the checks, before numbering and CRC. `put` shows what the hooks before have edited, and
   * stays as it is while this one edits. An edited put lives in call->arena.
   * REFUSED: nothing is appended, the append reports call->error (wire_code 0 becomes 1). Another
   * status but OK counts as the hook's fault and refuses the put as well. */
  gantry_status (*before)(gantry_instance *self, const gantry_call *call, const gantry_put *put,
                          gantry_put_edit *edit, const gantry_put_editor *editor); /* [any] */
  /* The put, as the hooks left it, is in the log, not yet durable. Called for the hooks whose
   * `before` ran. Null for a hook that doesn't care. */
  void (*appended)(gantry_instance *self, const gantry_call *call, const gantry_put *put,
                   const gantry_put_result *result); /* [any] */
} gantry_put_hook;

#ifdef __cplusplus
}
#endif
#endif
