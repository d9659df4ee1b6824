/* cap: where everything is in the types of what modules offer. */
#include "asserts.h"
#include "gantry/cap/clients.h"
#include "gantry/cap/facts.h"
#include "gantry/cap/filter.h"
#include "gantry/cap/function.h"
#include "gantry/cap/groups.h"
#include "gantry/cap/index_code.h"
#include "gantry/cap/key_index.h"
#include "gantry/cap/log_consumer.h"
#include "gantry/cap/metadata_store.h"
#include "gantry/cap/offsets.h"
#include "gantry/cap/put_hook.h"
#include "gantry/cap/queue_index.h"
#include "gantry/cap/request_handler.h"
#include "gantry/cap/store_check.h"
#include "gantry/cap/topics.h"

/* gantry/cap/clients.h */
AT(gantry_clients, struct_size, 0, 4);
AT(gantry_clients, flags, 4, 4);
AT(gantry_clients, sessions, 8, 8);
AT(gantry_clients, find, 16, 8);

/* gantry/cap/facts.h */
SIZE(gantry_fact, 56);
AT(gantry_fact, subject, 0, 16);
AT(gantry_fact, name, 16, 16);
AT(gantry_fact, value, 32, 24);

AT(gantry_facts, struct_size, 0, 4);
AT(gantry_facts, flags, 4, 4);
AT(gantry_facts, read, 8, 8);

/* gantry/cap/filter.h */
AT(gantry_compiled, struct_size, 0, 4);
AT(gantry_compiled, line, 4, 4);
AT(gantry_compiled, column, 8, 4);
AT(gantry_compiled, reserved, 12, 4);
AT(gantry_compiled, program, 16, 8);

AT(gantry_filter, struct_size, 0, 4);
AT(gantry_filter, flags, 4, 4);
AT(gantry_filter, compile, 8, 8);
AT(gantry_filter, match, 16, 8);
AT(gantry_filter, release, 24, 8);
AT(gantry_filter, match_index, 32, 8);
AT(gantry_filter, bound, 40, 8);

/* gantry/cap/function.h */
AT(gantry_function, struct_size, 0, 4);
AT(gantry_function, flags, 4, 4);
AT(gantry_function, prepare, 8, 8);
AT(gantry_function, invoke, 16, 8);
AT(gantry_function, release, 24, 8);

/* gantry/cap/groups.h */
AT(gantry_group, struct_size, 0, 4);
AT(gantry_group, flags, 4, 4);
AT(gantry_group, retry_queues, 8, 4);
AT(gantry_group, retries_max, 12, 4);
AT(gantry_group, sys_flag, 16, 4);
AT(gantry_group, consume_timeout_minutes, 20, 4);

AT(gantry_groups, struct_size, 0, 4);
AT(gantry_groups, flags, 4, 4);
AT(gantry_groups, find, 8, 8);
AT(gantry_groups, ensure, 16, 8);

/* gantry/cap/index_code.h */
AT(gantry_index_code, struct_size, 0, 4);
AT(gantry_index_code, topic_count, 4, 4);
AT(gantry_index_code, topics, 8, 8);
AT(gantry_index_code, code, 16, 8);

/* gantry/cap/key_index.h */
AT(gantry_key_query, struct_size, 0, 4);
AT(gantry_key_query, kind, 4, 4);
AT(gantry_key_query, topic, 8, 16);
AT(gantry_key_query, key, 24, 16);
AT(gantry_key_query, begin_ms, 40, 8);
AT(gantry_key_query, end_ms, 48, 8);

AT(gantry_key_hits, struct_size, 0, 4);
AT(gantry_key_hits, capacity, 4, 4);
AT(gantry_key_hits, log_offsets, 8, 8);
AT(gantry_key_hits, count, 16, 4);
AT(gantry_key_hits, more, 20, 4);
AT(gantry_key_hits, newest_ms, 24, 8);
AT(gantry_key_hits, newest_log_offset, 32, 8);

AT(gantry_key_index, struct_size, 0, 4);
AT(gantry_key_index, flags, 4, 4);
AT(gantry_key_index, find, 8, 8);

/* gantry/cap/log_consumer.h */
AT(gantry_log_consumer, struct_size, 0, 4);
AT(gantry_log_consumer, flags, 4, 4);
AT(gantry_log_consumer, position, 8, 8);
AT(gantry_log_consumer, consume, 16, 8);
AT(gantry_log_consumer, live, 24, 8);
AT(gantry_log_consumer, persist, 32, 8);
AT(gantry_log_consumer, truncate, 40, 8);
AT(gantry_log_consumer, trimmed, 48, 8);

/* gantry/cap/metadata_store.h */
SIZE(gantry_document, 48);
AT(gantry_document, table, 0, 16);
AT(gantry_document, key, 16, 16);
AT(gantry_document, value, 32, 16);

AT(gantry_metadata_store, struct_size, 0, 4);
AT(gantry_metadata_store, flags, 4, 4);
AT(gantry_metadata_store, write, 8, 8);
AT(gantry_metadata_store, scan, 16, 8);
AT(gantry_metadata_store, read, 24, 8);

/* gantry/cap/offsets.h */
AT(gantry_offsets, struct_size, 0, 4);
AT(gantry_offsets, flags, 4, 4);
AT(gantry_offsets, get, 8, 8);
AT(gantry_offsets, commit, 16, 8);

/* gantry/cap/put_hook.h */
AT(gantry_put_editor, struct_size, 0, 4);
AT(gantry_put_editor, reserved, 4, 4);
AT(gantry_put_editor, redirect, 8, 8);
AT(gantry_put_editor, set_property, 16, 8);
AT(gantry_put_editor, erase_property, 24, 8);
AT(gantry_put_editor, replace_body, 32, 8);
AT(gantry_put_editor, set_sys_flag, 40, 8);

AT(gantry_put_hook, struct_size, 0, 4);
AT(gantry_put_hook, when_count, 4, 4);
AT(gantry_put_hook, when, 8, 8);
AT(gantry_put_hook, before, 16, 8);
AT(gantry_put_hook, appended, 24, 8);

/* gantry/cap/queue_index.h */
SIZE(gantry_queue_bounds, 16);
AT(gantry_queue_bounds, min, 0, 8);
AT(gantry_queue_bounds, max, 8, 8);

AT(gantry_queue_index, struct_size, 0, 4);
AT(gantry_queue_index, flags, 4, 4);
AT(gantry_queue_index, read, 8, 8);
AT(gantry_queue_index, bounds, 16, 8);
AT(gantry_queue_index, at_time, 24, 8);

/* gantry/cap/request_handler.h */
SIZE(gantry_resource, 16);
AT(gantry_resource, field, 0, 8);
AT(gantry_resource, kind, 8, 4);
AT(gantry_resource, action, 12, 4);

AT(gantry_route, struct_size, 0, 4);
AT(gantry_route, code, 4, 4);
AT(gantry_route, flags, 8, 4);
AT(gantry_route, access, 12, 4);
AT(gantry_route, resources, 16, 8);
AT(gantry_route, resource_count, 24, 4);
AT(gantry_route, reserved, 28, 4);

AT(gantry_request_handler, struct_size, 0, 4);
AT(gantry_request_handler, route_count, 4, 4);
AT(gantry_request_handler, routes, 8, 8);
AT(gantry_request_handler, handle, 16, 8);
AT(gantry_request_handler, session_closed, 24, 8);

/* gantry/cap/store_check.h */
AT(gantry_check_sink, struct_size, 0, 4);
AT(gantry_check_sink, reserved, 4, 4);
AT(gantry_check_sink, context, 8, 8);
AT(gantry_check_sink, finding, 16, 8);

AT(gantry_check_counts, struct_size, 0, 4);
AT(gantry_check_counts, reserved, 4, 4);
AT(gantry_check_counts, queues, 8, 8);
AT(gantry_check_counts, entries, 16, 8);
AT(gantry_check_counts, keys, 24, 8);

AT(gantry_store_check, struct_size, 0, 4);
AT(gantry_store_check, flags, 4, 4);
AT(gantry_store_check, open, 8, 8);
AT(gantry_store_check, check, 16, 8);
AT(gantry_store_check, close, 24, 8);

/* gantry/cap/topics.h */
AT(gantry_topic, struct_size, 0, 4);
AT(gantry_topic, perm, 4, 4);
AT(gantry_topic, read_queues, 8, 4);
AT(gantry_topic, write_queues, 12, 4);
AT(gantry_topic, kind, 16, 4);
AT(gantry_topic, flags, 20, 4);
AT(gantry_topic, sys_flag, 24, 4);
AT(gantry_topic, reserved, 28, 4);

AT(gantry_topics, struct_size, 0, 4);
AT(gantry_topics, flags, 4, 4);
AT(gantry_topics, find, 8, 8);
AT(gantry_topics, ensure, 16, 8);
AT(gantry_topics, each, 24, 8);
