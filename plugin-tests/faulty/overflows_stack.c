/* Its handler calls itself without an end in sight. */
#include "faulty.h"

/* What is done behind the inner call keeps it a call. */
static uint64_t descend(uint64_t more) {
  volatile uint64_t frame[64];
  frame[more % 64] = more;
  return more == 0 ? 0 : descend(more - 1) + frame[more % 64];
}

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)descend((uint64_t)1 << 40);
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .flags = 0);
