/* A store that completes a write inside the call that took it. */
#include "sound_store.h"

static gantry_status write_all(gantry_instance *self, const gantry_call *call,
                               const gantry_document *documents, uint32_t count, uint32_t flags,
                               gantry_completion then) {
  (void)self, (void)documents, (void)count, (void)flags;
  then.done(then.context, call, GANTRY_OK, NULL);
  return GANTRY_OK;
}

FAULTY_STORE(write_all);
