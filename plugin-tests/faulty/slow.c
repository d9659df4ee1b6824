/* Blocks its shard for longer than anybody should wait. */
#include <poll.h>

#include "faulty.h"

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  poll(NULL, 0, 60);
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .flags = 0);
