/* Its drain fails, and doesn't say why. */
#include "faulty.h"

static gantry_status drain(gantry_instance *self, gantry_token drained, gantry_error *error) {
  (void)self, (void)drained, (void)error;
  return GANTRY_FAULT;
}

FAULTY(.drain = drain);
