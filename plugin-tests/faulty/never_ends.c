/* Its quiesce and its drain are pending for ever. */
#define MODULE_NAME "never_ends" /* it is loaded beside others */
#include "faulty.h"

static gantry_status never(gantry_instance *self, gantry_token token, gantry_error *error) {
  (void)self, (void)token, (void)error;
  return GANTRY_PENDING;
}

FAULTY(.quiesce = never, .drain = never);
