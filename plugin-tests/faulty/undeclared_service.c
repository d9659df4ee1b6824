/* Takes for granted a service that is not among its needs. */
#include "faulty.h"

static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)ready, (void)error;
  const gantry_clock *clock = self->host->service(self->host, GANTRY_HOST_CLOCK);
  return clock->now_ms(self->host) > 0 ? GANTRY_OK : GANTRY_FAULT;
}

FAULTY(.start = start);
