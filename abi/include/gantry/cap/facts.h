/* facts: what a module tells people who look after it: counters, states, the last error.
 *
 * Offered under an empty name by any module; read by tools through node_admin (`gantryctl plugin
 * inspect`, `gantryctl filter list`) and by nobody for a decision. What the host knows itself (calls,
 * faults, times) needs no facts.
 */
#ifndef GANTRY_CAP_FACTS_H
#define GANTRY_CAP_FACTS_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_FACTS "gantry.facts/0"

/* Frozen. */
typedef struct gantry_fact {
  gantry_str subject; /* what it is about: "script vip", "index"; empty: the instance */
  gantry_str name;    /* snake_case with the unit last: "matches", "memory_bytes", "last_error" */
  gantry_value value; /* BOOL, I64, F64 or STR */
} gantry_fact;

/* Growable. */
typedef struct gantry_facts {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* Fills facts[0 .. most) and sets *count to how many there are, which may be more: then nothing is
   * missing but room. Facts of one subject stand together. Texts live as long as the call's arena. */
  gantry_status (*read)(gantry_instance *self, const gantry_call *call, gantry_fact *facts,
                        uint32_t most, uint32_t *count); /* [worker] */
} gantry_facts;

#ifdef __cplusplus
}
#endif
#endif
