/* Two instances share a pointer to the newest one's host, and answer through it. */
#include "faulty.h"

static const gantry_host *newest;

static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  newest = host;
  return sound_create(host, out, error);
}

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)self;
  gantry_instance of_newest = {newest};
  return sound_handle(&of_newest, call, request, token, why);
}

FAULTY_HANDLER(handle, .create = create);
