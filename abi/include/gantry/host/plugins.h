/* plugins: what the host knows of the modules it runs. Read only: for tools and dashboards.
 *
 * Figures are counted by the host around each call, without the module's help: calls into an offer,
 * how many failed or were turned away, and how long those took that were timed (one in 256, and all
 * behind one that was slow).
 *
 * A reference to a buffer counts with the instance from where a service hands it out (reserve and
 * retain, commitlog.read and read_entries) to where a service ends it or takes it over (release,
 * the body of an answer or a push). One that a module gives to another by a capability, as
 * metadata_store.read does, stays with the giver: the host doesn't see it change hands. Whoever
 * releases that one has one less, and less than none is told as 0. Not counted is what the host
 * holds for a token (keep, park) or lends to a call. A read of the log holds a whole file of it.
 */
#ifndef GANTRY_HOST_PLUGINS_H
#define GANTRY_HOST_PLUGINS_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_PLUGINS "gantry.host.plugins/0"

/* gantry_instance_facts.flags */
#define GANTRY_INSTANCE_RUNNING 1u  /* it started, and has not stopped */
#define GANTRY_INSTANCE_REQUIRED 2u /* the node doesn't start without it */
#define GANTRY_INSTANCE_LEFT_OUT 4u /* this start goes without it: it crashed too often */

/* Growable; the caller's. Texts live as long as the call's arena. */
typedef struct gantry_instance_facts {
  uint32_t struct_size;
  uint32_t flags;
  gantry_str name;           /* as configured */
  gantry_str module;
  gantry_str plugin;         /* the library's id: "com.acme.greet" */
  gantry_str version;        /* of the plugin, its own word */
  gantry_str library;        /* path it was loaded from */
  gantry_str trouble;        /* why it does not run; empty: nothing known */
  uint32_t offer_count;      /* the last one, of id "", is its life: steps, timers, completions; 0: it
                                was never made */
  uint32_t reserved;
  uint64_t buffers_retained; /* references it holds now, by gantry.host.buffers */
  uint64_t bytes_retained;   /* of these buffers, whole ones, each reference counted */
  uint64_t completions_open; /* promised to it and not ended yet: timers, waits for the log, jobs */
} gantry_instance_facts;

/* gantry_offer_figures.flags */
#define GANTRY_OFFER_TRIPPED 1u /* calls are turned away for a pause */

/* Growable; the caller's. Texts live as long as the call's arena. Counters are of this process. */
typedef struct gantry_offer_figures {
  uint32_t struct_size;
  uint32_t flags;
  gantry_str id;   /* of the capability; empty: the instance's life */
  gantry_str name; /* the offer's */
  uint64_t calls;
  uint64_t faults;      /* calls that failed: an exception, FAULT, a status that makes no sense */
  uint64_t refusals;    /* calls that said no */
  uint64_t turned_away; /* calls not made since it has tripped or does not run */
  uint64_t over_budget; /* calls that held a shard up for longer than call_budget_us */
  uint64_t over_limit;  /* ... than call_limit_us */
  uint64_t trips;
  uint64_t p50_ns; /* of the calls timed; 0: none was */
  uint64_t p99_ns;
  uint64_t p999_ns;
  uint64_t max_ns;
  gantry_str last_fault;  /* what was wrong; empty: nothing yet */
  int64_t last_fault_ms;  /* wall clock */
} gantry_offer_figures;

/* Growable. */
typedef struct gantry_plugins {
  uint32_t struct_size;
  uint32_t reserved;
  /* How many instances there are, those that don't run included; fixed once the node has started. */
  uint32_t (*count)(const gantry_host *host); /* [any] */
  /* One of them, in the order of the configuration. GONE: there are fewer. */
  gantry_status (*instance)(const gantry_host *host, const gantry_call *call, uint32_t index,
                            gantry_instance_facts *out); /* [any] */
  /* One of its offers. GONE: there are fewer. */
  gantry_status (*offer)(const gantry_host *host, const gantry_call *call, uint32_t index,
                         uint32_t offer, gantry_offer_figures *out); /* [any] */
} gantry_plugins;

#ifdef __cplusplus
}
#endif
#endif
