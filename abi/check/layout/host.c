/* host: where everything is in the types of what the host offers. */
#include "asserts.h"
#include "gantry/host/buffers.h"
#include "gantry/host/capabilities.h"
#include "gantry/host/clock.h"
#include "gantry/host/commitlog.h"
#include "gantry/host/logging.h"
#include "gantry/host/peers.h"
#include "gantry/host/plugins.h"
#include "gantry/host/requests.h"
#include "gantry/host/sessions.h"
#include "gantry/host/settings.h"
#include "gantry/host/timer.h"

/* gantry/host/buffers.h */
AT(gantry_buffers, struct_size, 0, 4);
AT(gantry_buffers, reserved, 4, 4);
AT(gantry_buffers, retain, 8, 8);
AT(gantry_buffers, release, 16, 8);
AT(gantry_buffers, reserve, 24, 8);
AT(gantry_buffers, scratch, 32, 8);

/* gantry/host/capabilities.h */
SIZE(gantry_lease, 32);
AT(gantry_lease, instance, 0, 8);
AT(gantry_lease, table, 8, 8);
AT(gantry_lease, binding, 16, 8);
AT(gantry_lease, generation, 24, 8);

AT(gantry_capabilities, struct_size, 0, 4);
AT(gantry_capabilities, reserved, 4, 4);
AT(gantry_capabilities, bind, 8, 8);
AT(gantry_capabilities, enter, 16, 8);
AT(gantry_capabilities, leave, 24, 8);
AT(gantry_capabilities, generation, 32, 8);
AT(gantry_capabilities, list, 40, 8);

/* gantry/host/clock.h */
AT(gantry_clock, struct_size, 0, 4);
AT(gantry_clock, reserved, 4, 4);
AT(gantry_clock, now_ms, 8, 8);
AT(gantry_clock, now_ns, 16, 8);

/* gantry/host/commitlog.h */
AT(gantry_put, struct_size, 0, 4);
AT(gantry_put, flags, 4, 4);
AT(gantry_put, count, 8, 4);
AT(gantry_put, stride, 12, 4);
AT(gantry_put, records, 16, 8);
AT(gantry_put, span, 24, 4);
AT(gantry_put, stream_count, 28, 4);
AT(gantry_put, streams, 32, 8);

AT(gantry_put_result, struct_size, 0, 4);
AT(gantry_put_result, count, 4, 4);
AT(gantry_put_result, log_begin, 8, 8);
AT(gantry_put_result, log_end, 16, 8);
AT(gantry_put_result, first_queue_offset, 24, 8);
AT(gantry_put_result, stored_ms, 32, 8);
AT(gantry_put_result, log_offsets, 40, 8);

AT(gantry_commitlog, struct_size, 0, 4);
AT(gantry_commitlog, reserved, 4, 4);
AT(gantry_commitlog, append, 8, 8);
AT(gantry_commitlog, await, 16, 8);
AT(gantry_commitlog, read, 24, 8);
AT(gantry_commitlog, read_entries, 32, 8);
AT(gantry_commitlog, decode, 40, 8);
AT(gantry_commitlog, mark, 48, 8);
AT(gantry_commitlog, watch, 56, 8);
AT(gantry_commitlog, gate, 64, 8);
AT(gantry_commitlog, begin, 72, 8);
AT(gantry_commitlog, claim, 80, 8);
AT(gantry_commitlog, raise, 88, 8);
AT(gantry_commitlog, append_raw, 96, 8);
AT(gantry_commitlog, lead, 104, 8);
AT(gantry_commitlog, follow, 112, 8);
AT(gantry_commitlog, truncate, 120, 8);
AT(gantry_commitlog, trim, 128, 8);

/* gantry/host/logging.h */
AT(gantry_logging, struct_size, 0, 4);
AT(gantry_logging, reserved, 4, 4);
AT(gantry_logging, enabled, 8, 8);
AT(gantry_logging, write, 16, 8);

/* gantry/host/peers.h */
AT(gantry_peers, struct_size, 0, 4);
AT(gantry_peers, reserved, 4, 4);
AT(gantry_peers, request, 8, 8);
AT(gantry_peers, notify, 16, 8);

/* gantry/host/plugins.h */
AT(gantry_instance_facts, struct_size, 0, 4);
AT(gantry_instance_facts, flags, 4, 4);
AT(gantry_instance_facts, name, 8, 16);
AT(gantry_instance_facts, module, 24, 16);
AT(gantry_instance_facts, plugin, 40, 16);
AT(gantry_instance_facts, version, 56, 16);
AT(gantry_instance_facts, library, 72, 16);
AT(gantry_instance_facts, trouble, 88, 16);
AT(gantry_instance_facts, offer_count, 104, 4);
AT(gantry_instance_facts, reserved, 108, 4);
AT(gantry_instance_facts, buffers_retained, 112, 8);
AT(gantry_instance_facts, bytes_retained, 120, 8);
AT(gantry_instance_facts, completions_open, 128, 8);

AT(gantry_offer_figures, struct_size, 0, 4);
AT(gantry_offer_figures, flags, 4, 4);
AT(gantry_offer_figures, id, 8, 16);
AT(gantry_offer_figures, name, 24, 16);
AT(gantry_offer_figures, calls, 40, 8);
AT(gantry_offer_figures, faults, 48, 8);
AT(gantry_offer_figures, refusals, 56, 8);
AT(gantry_offer_figures, turned_away, 64, 8);
AT(gantry_offer_figures, over_budget, 72, 8);
AT(gantry_offer_figures, over_limit, 80, 8);
AT(gantry_offer_figures, trips, 88, 8);
AT(gantry_offer_figures, p50_ns, 96, 8);
AT(gantry_offer_figures, p99_ns, 104, 8);
AT(gantry_offer_figures, p999_ns, 112, 8);
AT(gantry_offer_figures, max_ns, 120, 8);
AT(gantry_offer_figures, last_fault, 128, 16);
AT(gantry_offer_figures, last_fault_ms, 144, 8);

AT(gantry_plugins, struct_size, 0, 4);
AT(gantry_plugins, reserved, 4, 4);
AT(gantry_plugins, count, 8, 8);
AT(gantry_plugins, instance, 16, 8);
AT(gantry_plugins, offer, 24, 8);

/* gantry/host/requests.h */
AT(gantry_request, struct_size, 0, 4);
AT(gantry_request, code, 4, 4);
AT(gantry_request, flags, 8, 4);
AT(gantry_request, opaque, 12, 4);
AT(gantry_request, language, 16, 4);
AT(gantry_request, version, 20, 4);
AT(gantry_request, session, 24, 8);
AT(gantry_request, reserved, 32, 8);
AT(gantry_request, fields, 40, 8);
AT(gantry_request, field_count, 48, 4);
AT(gantry_request, body_count, 52, 4);
AT(gantry_request, body, 56, 8);
AT(gantry_request, remark, 64, 16);
AT(gantry_request, peer, 80, 16);
AT(gantry_request, principal, 96, 8);

AT(gantry_response, struct_size, 0, 4);
AT(gantry_response, code, 4, 4);
AT(gantry_response, remark, 8, 16);
AT(gantry_response, fields, 24, 8);
AT(gantry_response, field_count, 32, 4);
AT(gantry_response, body_count, 36, 4);
AT(gantry_response, body, 40, 8);

AT(gantry_requests, struct_size, 0, 4);
AT(gantry_requests, reserved, 4, 4);
AT(gantry_requests, respond, 8, 8);
AT(gantry_requests, respond_after, 16, 8);
AT(gantry_requests, keep, 24, 8);
AT(gantry_requests, park, 32, 8);
AT(gantry_requests, wake, 40, 8);
AT(gantry_requests, call, 48, 8);

/* gantry/host/sessions.h */
AT(gantry_sessions, struct_size, 0, 4);
AT(gantry_sessions, reserved, 4, 4);
AT(gantry_sessions, request, 8, 8);
AT(gantry_sessions, notify, 16, 8);
AT(gantry_sessions, close, 24, 8);
AT(gantry_sessions, shard_of, 32, 8);

/* gantry/host/settings.h */
AT(gantry_settings, struct_size, 0, 4);
AT(gantry_settings, reserved, 4, 4);
AT(gantry_settings, get, 8, 8);
AT(gantry_settings, item, 16, 8);

/* gantry/host/timer.h */
AT(gantry_timer, struct_size, 0, 4);
AT(gantry_timer, reserved, 4, 4);
AT(gantry_timer, arm, 8, 8);
AT(gantry_timer, every, 16, 8);
AT(gantry_timer, cancel, 24, 8);
AT(gantry_timer, post, 32, 8);
AT(gantry_timer, work, 40, 8);
