/* requests: answering what a client asked, at once or later, and asking the node's own doors.
 *
 * A handler gets a request and a token. It answers with respond or respond_after; or keeps or parks
 * the request and answers later, from any thread, by token. Late and double answers are counted and
 * ignored. A one-way request is answered all the same: the host discards it.
 *
 * Frames and fields: RocketMQ remoting (remoting: RemotingCommand). The answer goes out in the
 * serialization of the request.
 */
#ifndef GANTRY_HOST_REQUESTS_H
#define GANTRY_HOST_REQUESTS_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_REQUESTS "gantry.host.requests/0"

typedef struct gantry_principal gantry_principal; /* opaque, made by the access module, counted by the host */

#define GANTRY_REQUEST_ONE_WAY 1u    /* nobody waits for the answer */
#define GANTRY_REQUEST_IN_PROCESS 2u /* came by requests.call, not by a socket */

/* Growable. Borrowed until the call returns; keep(token) to hold it until the answer. */
typedef struct gantry_request {
  uint32_t struct_size;
  int32_t code;
  uint32_t flags;
  int32_t opaque;   /* the client's number of the request */
  int32_t language; /* RocketMQ's LanguageCode of the sender */
  int32_t version;  /* RocketMQ's MQVersion ordinal of the sender */
  gantry_session session;
  uint64_t reserved;
  const gantry_property *fields; /* the header's extFields, unescaped, in wire order */
  uint32_t field_count;
  uint32_t body_count;       /* slices: 0 or 1 from a socket */
  const gantry_slice *body;  /* its buffer may be null: then keep() before using it later */
  gantry_str remark;
  gantry_bytes peer;                 /* 4 or 16 address bytes, then the port as a big-endian i32 */
  const gantry_principal *principal; /* who asks; null without an access module */
} gantry_request;

/* Growable. Copied by respond, except the body: the host takes over one reference of each slice's
 * buffer, also when it fails, and writes the bytes without a copy. */
typedef struct gantry_response {
  uint32_t struct_size;
  int32_t code; /* RocketMQ response code; 0 is success */
  gantry_str remark; /* data null: none */
  const gantry_property *fields;
  uint32_t field_count;
  uint32_t body_count;
  const gantry_slice *body;
} gantry_response;

/* Growable. */
typedef struct gantry_requests {
  uint32_t struct_size;
  uint32_t reserved;
  /* Answers. GONE when the token is stale or the session has ended: nothing else to do. From another
   * thread than its shard's that may only turn out later, and OK means: taken. */
  gantry_status (*respond)(const gantry_host *host, gantry_token token,
                           const gantry_response *response); /* [any] */
  /* Answers once all of `marks` (bits 1 << GANTRY_MARK_*) have reached log_end. After timeout_ms the
   * lowest mark still missing picks the code from late_codes (indexed by mark, 0 meaning 1) with
   * the same fields. When the log fails, code 1 with its reason. No second call into the module. */
  gantry_status (*respond_after)(const gantry_host *host, gantry_token token,
                                 const gantry_response *response, int64_t log_end, uint32_t marks,
                                 uint32_t timeout_ms, const int32_t *late_codes,
                                 uint32_t late_code_count); /* [any] */
  /* Holds the request until it is answered: frames under 16 KiB are copied into a right-sized block,
   * larger ones pinned. *out is host-owned and lives until the answer. Inside handle() only. */
  gantry_status (*keep)(const gantry_host *host, gantry_token token,
                        const gantry_request **out); /* [shard] */
  /* Holds the request and calls handle() again, on its shard, when woken or after timeout_ms.
   * Implies keep. Register for the wake-up, park, check again what was waited for, then return
   * PENDING: a wake in between is not lost. Dropped silently if the session ends. BUSY when
   * there is no room for its timer. */
  gantry_status (*park)(const gantry_host *host, gantry_token token, uint64_t timeout_ms); /* [shard] */
  /* Runs the parked request again. A stale token is normal, and counted; from another thread than
   * its shard's it may still be answered OK. */
  gantry_status (*wake)(const gantry_host *host, gantry_token token); /* [any] */
  /* Asks a door of this node: same routing, same access check, same handler, no wire. request is
   * copied (fields, remark) or shared (body buffers) before it returns: the caller keeps its
   * references. then's result is a const gantry_response *, or BUSY after timeout_ms (at least 1,
   * else INVALID). GONE for an unknown door. */
  gantry_status (*call)(const gantry_host *host, gantry_str door, const gantry_request *request,
                        uint64_t timeout_ms, gantry_completion then); /* [any] */
} gantry_requests;

#ifdef __cplusplus
}
#endif
#endif
