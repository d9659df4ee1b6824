/* Its start is pending for ever. */
#include "faulty.h"

static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)self, (void)ready, (void)error;
  return GANTRY_PENDING;
}

FAULTY(.start = start);
