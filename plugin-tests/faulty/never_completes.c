/* A store that takes a write and never says that it is done. */
#include "sound_store.h"

static gantry_status write_all(gantry_instance *self, const gantry_call *call,
                               const gantry_document *documents, uint32_t count, uint32_t flags,
                               gantry_completion then) {
  (void)self, (void)call, (void)documents, (void)count, (void)flags, (void)then;
  return GANTRY_OK;
}

FAULTY_STORE(write_all);
