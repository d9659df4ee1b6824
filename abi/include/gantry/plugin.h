/* plugin: the one constant a library exports, and what it says about its modules.
 *
 * A library carries modules. A module is the unit of configuration, instance, reload, fault policy
 * and metrics: it lists what it offers, what it needs and its settings. Configuration makes
 * instances of modules; two instances share nothing but code, and a module keeps no mutable state
 * outside its instance. All offers of one instance share one `self`.
 *
 * Life, on the control thread, in the order of needs (reversed at the end):
 *   create -> start -> (calls) -> [quiesce <-> resume] -> drain -> stop -> destroy
 *
 * Everything reachable from gantry_plugin_v1 is constant and lives as long as the library is mapped.
 * Every member of a table of function pointers is set: there are no null members unless a header
 * says so. Identity, revisions and growth: abi/README.md.
 */
#ifndef GANTRY_PLUGIN_H
#define GANTRY_PLUGIN_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_ABI_MAJOR 1
#define GANTRY_ABI_MINOR 0

/* One capability of a module. Growable; arrays of pointers. */
typedef struct gantry_offer {
  uint32_t struct_size;
  uint32_t flags;           /* 0 */
  const char *id;           /* "gantry.filter/1" */
  const char *name;         /* which one of that id ("sql92"); "" where a node has one */
  const void *table;        /* the capability's struct */
  const char *const *after; /* null-terminated ids or instance names it runs behind in its chain or
                               log stage; null for none */
} gantry_offer;

/* A service or capability a module uses. A missing required one keeps the module from starting.
 * Growable; arrays of pointers. */
typedef struct gantry_need {
  uint32_t struct_size;
  uint32_t required; /* 0 or 1 */
  const char *id;
} gantry_need;

/* gantry_setting.flags */
#define GANTRY_SETTING_REQUIRED 1u /* has no default: configuration must give it */
#define GANTRY_SETTING_LIVE 2u     /* may change while the module runs */

/* One key of a module: the host parses, checks, documents and diffs it. Growable; arrays of
 * pointers. */
typedef struct gantry_setting {
  uint32_t struct_size;
  uint32_t kind; /* GANTRY_BOOL, _I64, _F64, _STR or _LIST (of strings) */
  uint32_t flags;
  uint32_t reserved;
  /* dotted snake_case with the unit last: "expiry_ms". "bind[].topic" is the key topic of each table
   * [[plugins.<instance>.bind]] of an array; its kind is not _LIST. */
  const char *key;
  const char *help;      /* one sentence: what it does and why one would change it */
  gantry_value fallback; /* the default; for a _LIST a _STR with comma-separated items, or _NULL */
  gantry_value least;    /* numbers: inclusive bounds; _NULL is none */
  gantry_value most;
} gantry_setting;

/* gantry_module.flags */
#define GANTRY_MODULE_RESTART_ONLY 1u /* owns an exclusive resource: is never reloaded */
#define GANTRY_MODULE_STAYS_MAPPED 2u /* its library is never unmapped */
#define GANTRY_MODULE_OWN_THREADS 4u  /* makes threads of its own; they call [any] services only */
#define GANTRY_MODULE_STORE_ROOT 8u   /* its files have RocketMQ's names under the store root */

/* Growable. */
typedef struct gantry_module {
  uint32_t struct_size;
  uint32_t flags;
  const char *name; /* what configuration calls it: [a-z0-9_]+ */
  uint32_t offer_count;
  uint32_t need_count;
  uint32_t setting_count;
  uint32_t reserved;
  const gantry_offer *const *offers;
  const gantry_need *const *needs;
  const gantry_setting *const *settings;
  /* Sub-folders and files of the store root this module writes, null-terminated; null unless
   * GANTRY_MODULE_STORE_ROOT. Two modules that claim one name are a start error. */
  const char *const *store_claims;

  /* Makes an instance: reads settings, touches nothing outside memory, may use the logging and
   * settings services only. Sets *out; on failure leaves nothing behind and fills error. */
  gantry_status (*create)(const gantry_host *host, gantry_instance **out,
                          gantry_error *error); /* [control] */
  /* Binds what it needs, opens its files, reads its state. What it needs has started. PENDING: ends
   * by host->complete(ready). On failure the host goes on with stop and destroy. */
  gantry_status (*start)(gantry_instance *self, gantry_token ready,
                         gantry_error *error); /* [control] */
  /* No new work of its own (timers, appends, posts); incoming calls still arrive. PENDING until what
   * it began has ended. */
  gantry_status (*quiesce)(gantry_instance *self, gantry_token idle,
                           gantry_error *error); /* [control] */
  /* Undoes quiesce: a reload was rolled back. */
  gantry_status (*resume)(gantry_instance *self, gantry_error *error); /* [control] */
  /* No new requests arrive; parked ones have run once more as TIMED_OUT. Writes what must survive,
   * and waits for completions it gave to other modules. May be PENDING. */
  gantry_status (*drain)(gantry_instance *self, gantry_token drained,
                         gantry_error *error); /* [control] */
  /* When it returns, no thread of the plugin touches the host again, and every completion it was
   * promised has been called. */
  void (*stop)(gantry_instance *self); /* [control] */
  /* Frees the instance. Called once, also after a failed start. */
  void (*destroy)(gantry_instance *self); /* [control] */
} gantry_module;

/* Growable. */
typedef struct gantry_plugin {
  uint32_t struct_size;
  uint16_t abi_major; /* GANTRY_ABI_MAJOR the plugin was built with; a newer one is refused */
  uint16_t abi_minor; /* a newer one is loaded with a warning */
  uint32_t flags;     /* 0 */
  uint32_t module_count;
  const char *id;      /* reverse domain, stable forever: "org.gantry.store_file" */
  const char *version; /* of the plugin, for people */
  const gantry_module *const *modules;
} gantry_plugin;

/* A plugin defines exactly this, with default visibility; the linker script hides all else. The
 * symbol's number is the ABI major. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const gantry_plugin gantry_plugin_v1;

#ifdef __cplusplus
}
#endif
#endif
