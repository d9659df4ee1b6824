/* A store that completes a write inside the call that took it. */
#include <gantry/cap/metadata_store.h>

#include "faulty.h"

static gantry_status write_all(gantry_instance *self, const gantry_call *call,
                               const gantry_document *documents, uint32_t count, uint32_t flags,
                               gantry_completion then) {
  (void)self, (void)documents, (void)count, (void)flags;
  then.done(then.context, call, GANTRY_OK, NULL);
  return GANTRY_OK;
}
static gantry_status scan(gantry_instance *self, const gantry_call *call, gantry_str table_name,
                          gantry_bytes from,
                          gantry_status (*each)(void *context, const gantry_document *document),
                          void *context) {
  (void)self, (void)call, (void)table_name, (void)from, (void)each, (void)context;
  return GANTRY_OK;
}
static gantry_status read_one(gantry_instance *self, const gantry_call *call, gantry_str table_name,
                              gantry_bytes key, gantry_slice *out) {
  (void)self, (void)call, (void)table_name, (void)key, (void)out;
  return GANTRY_GONE;
}

static const gantry_metadata_store table = {sizeof table, 0, write_all, scan, read_one};

FAULTY_OFFER(GANTRY_CAP_METADATA_STORE, .flags = 0);
