/* clients: who is connected, as heartbeats tell. Offered by whoever takes heartbeats. A session may
 * end at any moment after it was told.
 */
#ifndef GANTRY_CAP_CLIENTS_H
#define GANTRY_CAP_CLIENTS_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_CLIENTS "gantry.clients/0"

#define GANTRY_CLIENT_CONSUMER 0u /* role */
#define GANTRY_CLIENT_PRODUCER 1u

/* Growable. */
typedef struct gantry_clients {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* The sessions of a group in a role: at most capacity are written, *count is how many there are.
   * OK with 0 for a group nobody is in. INVALID for another role. */
  gantry_status (*sessions)(gantry_instance *self, const gantry_call *call, uint32_t role,
                            gantry_str group, gantry_session *out, uint32_t capacity,
                            uint32_t *count); /* [any] */
  /* The newest session of a client, by its id: a member of the group, or any producer with an empty
   * group. GONE when it is not connected. INVALID for another role. */
  gantry_status (*find)(gantry_instance *self, const gantry_call *call, uint32_t role,
                        gantry_str group, gantry_str client_id, gantry_session *out); /* [any] */
} gantry_clients;

#ifdef __cplusplus
}
#endif
#endif
