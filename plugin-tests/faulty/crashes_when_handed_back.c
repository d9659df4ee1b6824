/* Parks requests, and takes it for impossible that their time is up before it wakes them. */
#include "faulty.h"

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)call, (void)request;
  const gantry_requests *requests = self->host->service(self->host, GANTRY_HOST_REQUESTS);
  if (why == GANTRY_TIMED_OUT) abort();
  return requests->park(self->host, token, 3600000) == GANTRY_OK ? GANTRY_PENDING : GANTRY_BUSY;
}

FAULTY_HANDLER(handle, .flags = 0);
