/* Returns OK without an answer. */
#include "faulty.h"

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)self, (void)call, (void)request, (void)token, (void)why;
  return GANTRY_OK;
}

FAULTY_HANDLER(handle, .flags = 0);
