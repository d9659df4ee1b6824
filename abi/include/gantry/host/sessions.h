/* sessions: connected clients, and pushing requests to them (RocketMQ's server-to-client codes). */
#ifndef GANTRY_HOST_SESSIONS_H
#define GANTRY_HOST_SESSIONS_H

#include "gantry/host/requests.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_SESSIONS "gantry.host.sessions/0"

/* Growable. GONE everywhere: the session has ended. request->code, fields and body are sent; opaque
 * and serialization (JSON) are the host's. Body references are taken over, also on failure. */
typedef struct gantry_sessions {
  uint32_t struct_size;
  uint32_t reserved;
  /* Sends and completes with a const gantry_response *, or GONE, or BUSY after timeout_ms. */
  gantry_status (*request)(const gantry_host *host, gantry_session to,
                           const gantry_request *request, uint64_t timeout_ms,
                           gantry_completion then); /* [any] */
  /* Sends one-way. OK means queued, not delivered. */
  gantry_status (*notify)(const gantry_host *host, gantry_session to,
                          const gantry_request *request); /* [any] */
  /* Closes the connection; session_closed follows as for any other end. reason is logged. */
  gantry_status (*close)(const gantry_host *host, gantry_session session,
                         gantry_str reason); /* [any] */
  /* The shard that owns it, or GANTRY_NO_SHARD. */
  uint32_t (*shard_of)(const gantry_host *host, gantry_session session); /* [any] */
} gantry_sessions;

#ifdef __cplusplus
}
#endif
#endif
