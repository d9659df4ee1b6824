/* peers: other nodes, called by address. A connection is made when an address is first used, kept,
 * and made again when it was lost; after a failure the next attempt waits, longer each time (100 ms
 * to 10 s). All modules and threads share the one connection to an address, and what one thread
 * asks of it leaves in that order. Connections are closed when the node stops.
 */
#ifndef GANTRY_HOST_PEERS_H
#define GANTRY_HOST_PEERS_H

#include "gantry/host/requests.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_PEERS "gantry.host.peers/0"

/* Growable. address: "10.1.2.3:9876", "[2001:db8::1]:9876" or "name:9876", which is looked up on a
 * worker; copied. request->code, version, fields, remark and body are sent; opaque and serialization
 * (JSON) are the host's. Body references are taken over, also on failure; a slice without a buffer
 * is copied. INVALID: address is none of these, or timeout_ms is 0. */
typedef struct gantry_peers {
  uint32_t struct_size;
  uint32_t reserved;
  /* Sends and completes with a const gantry_response *, or with the reason in call->error:
   * GONE: there was no connection within timeout_ms, or it was lost before the answer, so that the
   * peer may have served the request or not; BUSY: no answer within timeout_ms, or too much waits
   * for this address already. */
  gantry_status (*request)(const gantry_host *host, gantry_str address,
                           const gantry_request *request, uint64_t timeout_ms,
                           gantry_completion then); /* [any] */
  /* Sends one-way. OK means queued: what is lost on the way is not reported. */
  gantry_status (*notify)(const gantry_host *host, gantry_str address,
                          const gantry_request *request); /* [any] */
} gantry_peers;

#ifdef __cplusplus
}
#endif
#endif
