/* Keeps requests for later, and forgets them. */
#include "faulty.h"

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)call, (void)request, (void)why;
  const gantry_requests *requests = self->host->service(self->host, GANTRY_HOST_REQUESTS);
  return requests->keep(self->host, token, NULL) == GANTRY_OK ? GANTRY_PENDING : GANTRY_BUSY;
}

FAULTY_HANDLER(handle, .flags = 0);
