/* metadata_store: small durable documents (topics, groups, offsets): all-or-none writes, ordered scan.
 *
 * A document lives in a named table under a key of at most 480 bytes. What the value is, is its
 * writer's business; built-in documents are FlatBuffers (abi/schema) or raw integers.
 */
#ifndef GANTRY_CAP_METADATA_STORE_H
#define GANTRY_CAP_METADATA_STORE_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_METADATA_STORE "gantry.metadata_store/0"

#define GANTRY_WRITE_NOW 1u /* complete when durable, soon; else with the store's next commit */

/* Frozen. table: [a-z_]+. value.data null: erase the key. */
typedef struct gantry_document {
  gantry_str table;
  gantry_bytes key;
  gantry_bytes value;
} gantry_document;

/* Growable. */
typedef struct gantry_metadata_store {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* All of the documents or none. Copied before it returns; writes become visible and durable in the
   * order they were given. then follows once they are durable (result null), or with FAULT. */
  gantry_status (*write)(gantry_instance *self, const gantry_call *call,
                         const gantry_document *documents, uint32_t count, uint32_t flags,
                         gantry_completion then); /* [any] */
  /* Calls each() for every committed document of the table with key >= from, in the order of key
   * bytes, in this call; the documents are borrowed until each() returns. Any status but OK from
   * each() ends the scan and is returned. An unknown table is empty. May be called on [control]
   * during start with a null call. */
  gantry_status (*scan)(gantry_instance *self, const gantry_call *call, gantry_str table,
                        gantry_bytes from,
                        gantry_status (*each)(void *context,
                                              const gantry_document *document), /* [any] */
                        void *context); /* [worker] */
  /* The committed value in a counted buffer the caller releases. GONE when there is none. */
  gantry_status (*read)(gantry_instance *self, const gantry_call *call, gantry_str table,
                        gantry_bytes key, gantry_slice *out); /* [worker] */
} gantry_metadata_store;

#ifdef __cplusplus
}
#endif
#endif
