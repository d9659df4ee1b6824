/* A log consumer that says it took more records than it was given. */
#include "sound_consumer.h"

static gantry_status consume(gantry_instance *self, const gantry_call *call,
                             const gantry_batch *batch, uint32_t *consumed) {
  (void)self, (void)call;
  *consumed = batch->count + 1;
  return GANTRY_OK;
}

FAULTY_CONSUMER(consume);
