/* core: where everything is in the types that all headers share. */
#include "asserts.h"
#include "gantry/base.h"
#include "gantry/call.h"
#include "gantry/host.h"
#include "gantry/message.h"
#include "gantry/plugin.h"

/* 64-bit little-endian targets only. */
REQUIRE(sizeof(void *) == 8);
REQUIRE(sizeof(void (*)(void)) == 8);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the ABI is defined for little-endian targets"
#endif

/* gantry/base.h */
SIZE(gantry_status, 4);
SIZE(gantry_token, 8);
SIZE(gantry_session, 8);

SIZE(gantry_str, 16);
AT(gantry_str, data, 0, 8);
AT(gantry_str, size, 8, 8);

SIZE(gantry_bytes, 16);
AT(gantry_bytes, data, 0, 8);
AT(gantry_bytes, size, 8, 8);

SIZE(gantry_property, 32);
AT(gantry_property, key, 0, 16);
AT(gantry_property, value, 16, 16);

SIZE(gantry_slice, 24);
AT(gantry_slice, data, 0, 8);
AT(gantry_slice, size, 8, 8);
AT(gantry_slice, buffer, 16, 8);

SIZE(gantry_value, 24);
AT(gantry_value, kind, 0, 4);
AT(gantry_value, reserved, 4, 4);
AT(gantry_value, as, 8, 16);
AT(gantry_value, as.i, 8, 8);
AT(gantry_value, as.f, 8, 8);
AT(gantry_value, as.s, 8, 16);

/* gantry/call.h */
AT(gantry_error, struct_size, 0, 4);
AT(gantry_error, code, 4, 4);
AT(gantry_error, wire_code, 8, 4);
AT(gantry_error, text, 12, 244);

AT(gantry_call, struct_size, 0, 4);
AT(gantry_call, shard, 4, 4);
AT(gantry_call, now_ms, 8, 8);
AT(gantry_call, now_ns, 16, 8);
AT(gantry_call, budget_ns, 24, 8);
AT(gantry_call, arena, 32, 8);
AT(gantry_call, error, 40, 8);

SIZE(gantry_completion, 16);
AT(gantry_completion, done, 0, 8);
AT(gantry_completion, context, 8, 8);

/* gantry/host.h */
AT(gantry_host, struct_size, 0, 4);
AT(gantry_host, shard_count, 4, 4);
AT(gantry_host, context, 8, 8);
AT(gantry_host, instance_name, 16, 16);
AT(gantry_host, data_dir, 32, 16);
AT(gantry_host, service, 48, 8);
AT(gantry_host, complete, 56, 8);

/* gantry/message.h */
AT(gantry_message, struct_size, 0, 4);
AT(gantry_message, flags, 4, 4);
AT(gantry_message, topic, 8, 16);
AT(gantry_message, body, 24, 16);
AT(gantry_message, property_text, 40, 16);
AT(gantry_message, properties, 56, 8);
AT(gantry_message, property_count, 64, 4);
AT(gantry_message, queue_id, 68, 4);
AT(gantry_message, queue_offset, 72, 8);
AT(gantry_message, log_offset, 80, 8);
AT(gantry_message, stored_ms, 88, 8);
AT(gantry_message, born_ms, 96, 8);
AT(gantry_message, sys_flag, 104, 4);
AT(gantry_message, app_flag, 108, 4);
AT(gantry_message, reconsume_times, 112, 4);
AT(gantry_message, record_size, 116, 4);
AT(gantry_message, prepared_offset, 120, 8);
AT(gantry_message, tag_code, 128, 8);
AT(gantry_message, born_host, 136, 16);
AT(gantry_message, store_host, 152, 16);
AT(gantry_message, record, 168, 16);
AT(gantry_message, buffer, 184, 8);

AT(gantry_batch, struct_size, 0, 4);
AT(gantry_batch, stride, 4, 4);
AT(gantry_batch, count, 8, 4);
AT(gantry_batch, reserved, 12, 4);
AT(gantry_batch, first, 16, 8);

SIZE(gantry_index_entry, 24);
AT(gantry_index_entry, log_offset, 0, 8);
AT(gantry_index_entry, code, 8, 8);
AT(gantry_index_entry, size, 16, 4);
AT(gantry_index_entry, span, 20, 4);

/* gantry/plugin.h */
AT(gantry_offer, struct_size, 0, 4);
AT(gantry_offer, flags, 4, 4);
AT(gantry_offer, id, 8, 8);
AT(gantry_offer, name, 16, 8);
AT(gantry_offer, table, 24, 8);
AT(gantry_offer, after, 32, 8);

AT(gantry_need, struct_size, 0, 4);
AT(gantry_need, required, 4, 4);
AT(gantry_need, id, 8, 8);

AT(gantry_setting, struct_size, 0, 4);
AT(gantry_setting, kind, 4, 4);
AT(gantry_setting, flags, 8, 4);
AT(gantry_setting, reserved, 12, 4);
AT(gantry_setting, key, 16, 8);
AT(gantry_setting, help, 24, 8);
AT(gantry_setting, fallback, 32, 24);
AT(gantry_setting, least, 56, 24);
AT(gantry_setting, most, 80, 24);

AT(gantry_module, struct_size, 0, 4);
AT(gantry_module, flags, 4, 4);
AT(gantry_module, name, 8, 8);
AT(gantry_module, offer_count, 16, 4);
AT(gantry_module, need_count, 20, 4);
AT(gantry_module, setting_count, 24, 4);
AT(gantry_module, reserved, 28, 4);
AT(gantry_module, offers, 32, 8);
AT(gantry_module, needs, 40, 8);
AT(gantry_module, settings, 48, 8);
AT(gantry_module, store_claims, 56, 8);
AT(gantry_module, create, 64, 8);
AT(gantry_module, start, 72, 8);
AT(gantry_module, quiesce, 80, 8);
AT(gantry_module, resume, 88, 8);
AT(gantry_module, drain, 96, 8);
AT(gantry_module, stop, 104, 8);
AT(gantry_module, destroy, 112, 8);

AT(gantry_plugin, struct_size, 0, 4);
AT(gantry_plugin, abi_major, 4, 2);
AT(gantry_plugin, abi_minor, 6, 2);
AT(gantry_plugin, flags, 8, 4);
AT(gantry_plugin, module_count, 12, 4);
AT(gantry_plugin, id, 16, 8);
AT(gantry_plugin, version, 24, 8);
AT(gantry_plugin, modules, 32, 8);
