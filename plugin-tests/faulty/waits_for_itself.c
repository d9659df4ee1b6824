/* Asks its own door what it never answers, and has an hour's patience. */
#include "faulty.h"

static void forget(void *context, const gantry_call *call, gantry_status status,
                   const void *result) {
  (void)context, (void)call, (void)status, (void)result;
}

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  const gantry_requests *requests = self->host->service(self->host, GANTRY_HOST_REQUESTS);
  if (request->flags & GANTRY_REQUEST_IN_PROCESS)
    return requests->keep(self->host, token, NULL) == GANTRY_OK ? GANTRY_PENDING : GANTRY_BUSY;
  gantry_request own;
  memset(&own, 0, sizeof own);
  own.struct_size = sizeof own;
  own.code = request->code;
  const gantry_completion then = {forget, NULL};
  (void)requests->call(self->host, text("faulty"), &own, 3600000, then);
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .flags = 0);
