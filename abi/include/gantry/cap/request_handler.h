/* request_handler: serves request codes on the doors its instance is listed for.
 *
 * Routing is by (door, code); the same code from two instances on one door is a start error naming
 * both, unless one of the routes is a fallback. Codes: RocketMQ's RequestCode.
 */
#ifndef GANTRY_CAP_REQUEST_HANDLER_H
#define GANTRY_CAP_REQUEST_HANDLER_H

#include "gantry/host/requests.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_REQUEST_HANDLER "gantry.request_handler/0"

/* gantry_route.flags; others are refused at load */
#define GANTRY_ROUTE_FALLBACK 1u /* only if no instance listed before, and none without it, does */

/* gantry_route.access: every route says it; what is not said needs admin */
#define GANTRY_ACCESS_ADMIN 0u
#define GANTRY_ACCESS_NONE 1u  /* open to anybody */
#define GANTRY_ACCESS_FIELD 2u /* the kernel takes the resources from the named fields */
#define GANTRY_ACCESS_SELF 3u  /* the handler asks: the names are in the body */

/* gantry_resource.kind */
#define GANTRY_RESOURCE_CLUSTER 1u
#define GANTRY_RESOURCE_TOPIC 2u
#define GANTRY_RESOURCE_GROUP 3u

/* gantry_resource.action */
#define GANTRY_ACTION_PUB 1u
#define GANTRY_ACTION_SUB 2u
#define GANTRY_ACTION_CREATE 3u
#define GANTRY_ACTION_UPDATE 4u
#define GANTRY_ACTION_DELETE 5u
#define GANTRY_ACTION_GET 6u
#define GANTRY_ACTION_LIST 7u

/* Frozen. A pull needs two: its topic and its group. Constant; lives as long as the library. */
typedef struct gantry_resource {
  const char *field; /* the header field that holds the name */
  uint32_t kind;
  uint32_t action;
} gantry_resource;

/* Growable. Constant; lives as long as the library. */
typedef struct gantry_route {
  uint32_t struct_size;
  int32_t code;
  uint32_t flags; /* 0, or GANTRY_ROUTE_FALLBACK */
  uint32_t access;
  const gantry_resource *resources;
  uint32_t resource_count;
  uint32_t reserved;
} gantry_route;

/* handle(): why it is called */
#define GANTRY_FIRST 0u     /* the request came in */
#define GANTRY_WOKEN 1u     /* it was parked and woken */
#define GANTRY_TIMED_OUT 2u /* it was parked and its time is up */

/* Growable. */
typedef struct gantry_request_handler {
  uint32_t struct_size;
  uint32_t route_count;
  const gantry_route *const *routes; /* constant; lives as long as the library */
  /* OK: it was answered. PENDING: it is parked, given to respond_after, or will be answered by
   * token (what is needed of the request was kept, or copied). Below zero: the host answers
   * call->error's wire code and text, else code 1. OK without an answer is a fault of the module
   * and answered with 1. */
  gantry_status (*handle)(gantry_instance *self, const gantry_call *call,
                          const gantry_request *request, gantry_token token,
                          uint32_t why); /* [shard] */
  /* The client is gone; its open requests have been dropped. Called once for every session of the
   * handler's doors, on its shard, whether it sent anything or not. */
  void (*session_closed)(gantry_instance *self, const gantry_call *call,
                         gantry_session session); /* [shard] */
} gantry_request_handler;

#ifdef __cplusplus
}
#endif
#endif
