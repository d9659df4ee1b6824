/* layout: the size and offsets of every frozen type, asserted. Compiled as C11 and as C++20.
 *
 * A line here changes only when a type gets a successor under a new name: frozen types cross the
 * boundary by value and in arrays, so a plugin built last year relies on each of these numbers.
 */
#include "gantry/cap/log_consumer.h"
#include "gantry/cap/metadata_store.h"
#include "gantry/cap/queue_index.h"
#include "gantry/cap/request_handler.h"
#include "gantry/host/capabilities.h"
#include "gantry/plugin.h"

#ifdef __cplusplus
#define REQUIRE(condition) static_assert(condition, #condition)
#else
#define REQUIRE(condition) _Static_assert(condition, #condition)
#endif
#define SIZE(type, bytes) REQUIRE(sizeof(type) == (bytes))
#define AT(type, member, bytes) REQUIRE(offsetof(type, member) == (bytes))
#define GROWABLE(type)                                                                        \
  AT(type, struct_size, 0);                                                                   \
  REQUIRE(sizeof(((type *)0)->struct_size) == 4)

/* 64-bit little-endian targets only. */
REQUIRE(sizeof(void *) == 8);
REQUIRE(sizeof(void (*)(void)) == 8);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the ABI is defined for little-endian targets"
#endif

SIZE(gantry_status, 4);
SIZE(gantry_token, 8);
SIZE(gantry_session, 8);

SIZE(gantry_str, 16);
AT(gantry_str, data, 0);
AT(gantry_str, size, 8);

SIZE(gantry_bytes, 16);
AT(gantry_bytes, data, 0);
AT(gantry_bytes, size, 8);

SIZE(gantry_property, 32);
AT(gantry_property, key, 0);
AT(gantry_property, value, 16);

SIZE(gantry_slice, 24);
AT(gantry_slice, data, 0);
AT(gantry_slice, size, 8);
AT(gantry_slice, buffer, 16);

SIZE(gantry_value, 24);
AT(gantry_value, kind, 0);
AT(gantry_value, reserved, 4);
AT(gantry_value, as, 8);
AT(gantry_value, as.i, 8);
AT(gantry_value, as.f, 8);
AT(gantry_value, as.s, 8);

SIZE(gantry_completion, 16);
AT(gantry_completion, done, 0);
AT(gantry_completion, context, 8);

SIZE(gantry_index_entry, 24);
AT(gantry_index_entry, log_offset, 0);
AT(gantry_index_entry, code, 8);
AT(gantry_index_entry, size, 16);
AT(gantry_index_entry, span, 20);

SIZE(gantry_queue_bounds, 16);
AT(gantry_queue_bounds, min, 0);
AT(gantry_queue_bounds, max, 8);

SIZE(gantry_document, 48);
AT(gantry_document, table, 0);
AT(gantry_document, key, 16);
AT(gantry_document, value, 32);

SIZE(gantry_resource, 16);
AT(gantry_resource, field, 0);
AT(gantry_resource, kind, 8);
AT(gantry_resource, action, 12);

SIZE(gantry_lease, 32);
AT(gantry_lease, instance, 0);
AT(gantry_lease, table, 8);
AT(gantry_lease, binding, 16);
AT(gantry_lease, generation, 24);

/* The symbol a library exports leads here: what the loader reads before it knows anything else. */
GROWABLE(gantry_plugin);
AT(gantry_plugin, abi_major, 4);
AT(gantry_plugin, abi_minor, 6);
AT(gantry_plugin, module_count, 12);
AT(gantry_plugin, id, 16);
AT(gantry_plugin, version, 24);
AT(gantry_plugin, modules, 32);

GROWABLE(gantry_error);
AT(gantry_error, code, 4);
AT(gantry_error, wire_code, 8);
AT(gantry_error, text, 12);
