/* Retains the body of every request and never releases it. */
#include "faulty.h"

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  const gantry_buffers *buffers = self->host->service(self->host, GANTRY_HOST_BUFFERS);
  for (uint32_t i = 0; i < request->body_count; ++i)
    if (request->body[i].buffer) buffers->retain(self->host, request->body[i].buffer);
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .flags = 0);
