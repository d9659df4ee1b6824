/* settings: the checked values of the instance's declared keys, and what every module may know of
 * the node: node.cluster, node.broker, node.broker_id, node.data_dir, node.message_bytes_max (the
 * largest body its log takes), and for each door door.<name>.advertise ("host:port" that clients
 * dial, with the real port once bound).
 */
#ifndef GANTRY_HOST_SETTINGS_H
#define GANTRY_HOST_SETTINGS_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_SETTINGS "gantry.host.settings/0"

/* Growable. Strings are host-owned and live as long as the instance. */
typedef struct gantry_settings {
  uint32_t struct_size;
  uint32_t reserved;
  /* A key of the instance without prefix ("expiry_ms"), or one of the above. Kinds are as declared;
   * a list gives its number of items. Of an array of tables "bind" is a list whose items are "bind[0]",
   * "bind[1]"..., and "bind[0].topic" is a value of the first table. GONE for a key that was not
   * declared, or of a table behind the last. */
  gantry_status (*get)(const gantry_host *host, gantry_str key, gantry_value *out); /* [any] */
  /* One item of a list. GONE past its end. */
  gantry_status (*item)(const gantry_host *host, gantry_str key, uint32_t index,
                        gantry_value *out); /* [any] */
} gantry_settings;

#ifdef __cplusplus
}
#endif
#endif
