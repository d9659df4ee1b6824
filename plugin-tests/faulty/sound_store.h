/* faulty: a metadata store that is always empty, for the plugins that write in their own way.
 * FAULTY_STORE(write) defines the library. It belongs to the file that includes this.
 */
#ifndef SOUND_STORE_H
#define SOUND_STORE_H

#include <gantry/cap/metadata_store.h>

#include "faulty.h"

static gantry_status sound_scan(gantry_instance *self, const gantry_call *call,
                                gantry_str table_name, gantry_bytes from,
                                gantry_status (*each)(void *context,
                                                      const gantry_document *document),
                                void *context) {
  (void)self, (void)call, (void)table_name, (void)from, (void)each, (void)context;
  return GANTRY_OK;
}
static gantry_status sound_read(gantry_instance *self, const gantry_call *call,
                                gantry_str table_name, gantry_bytes key, gantry_slice *out) {
  (void)self, (void)call, (void)table_name, (void)key, (void)out;
  return GANTRY_GONE;
}

#define FAULTY_STORE(write)                                                                       \
  static const gantry_metadata_store table = {sizeof table, 0, write, sound_scan, sound_read};    \
  FAULTY_OFFER(GANTRY_CAP_METADATA_STORE, .flags = 0)

#endif
