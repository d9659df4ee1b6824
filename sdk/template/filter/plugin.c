/* plugin_name: a filter in C. It judges messages for subscriptions of the type CONTAINS, whose
 * expression is a text that the body must have in it. All it includes is the ABI; the library exports
 * gantry_plugin_v1, at the end of this file, and the host finds everything from there.
 */
#include <gantry/cap/filter.h>
#include <gantry/host/settings.h>
#include <gantry/plugin.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One per entry of the configuration; a module keeps no mutable state elsewhere. */
struct gantry_instance {
  const gantry_host *host; /* host-owned; lives as long as the instance */
  uint64_t bytes_max;
  /* Programs that are not released, and one for the module itself until it drains: whoever takes the
   * last one away ends the drain. */
  atomic_int_fast64_t held;
  gantry_token drained; /* of a drain that is PENDING */
};

/* A compiled expression, in one piece of memory. It serves all shards at once, so it is constant; what
 * counts while it judges would be an array of host->shard_count + 1. */
struct gantry_program {
  gantry_instance *module; /* lives longer: its drain waits */
  uint64_t size;
  char wanted[]; /* size bytes, no terminating zero */
};

static gantry_str text(const char *zero_terminated) {
  gantry_str out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

/* The caller's error record may be older (smaller) than this header, so ask whether it has text. */
static gantry_status refuse(gantry_error *error, gantry_status status, const char *why) {
  if (error && GANTRY_HAS(error, gantry_error, text)) {
    error->code = status;
    error->wire_code = 0;
    snprintf(error->text, sizeof error->text, "%s", why);
  }
  return status;
}

/* ── The capability. [worker]: once for each expression. It is borrowed, so the program has a copy. */
static gantry_status compile(gantry_instance *self, const gantry_call *call, gantry_str expression,
                             gantry_compiled *out) {
  if (expression.size == 0) {
    out->line = out->column = 1;
    return refuse(call->error, GANTRY_INVALID, "line 1, column 1: no text to look for");
  }
  if (expression.size > self->bytes_max) {
    char why[96];
    snprintf(why, sizeof why, "a text of %llu bytes, at most %llu",
             (unsigned long long)expression.size, (unsigned long long)self->bytes_max);
    return refuse(call->error, GANTRY_INVALID, why);
  }
  gantry_program *program = malloc(sizeof *program + expression.size);
  if (!program) return refuse(call->error, GANTRY_BUSY, "no memory for an expression");
  program->module = self;
  program->size = expression.size;
  memcpy(program->wanted, expression.data, expression.size);
  atomic_fetch_add(&self->held, 1);
  out->program = program;
  return GANTRY_OK;
}

static int has(gantry_bytes body, const gantry_program *program) {
  const uint8_t *at = body.data;
  for (uint64_t left = body.size; left >= program->size;) {
    const uint8_t *found = memchr(at, program->wanted[0], left - program->size + 1);
    if (!found) return 0;
    if (memcmp(found, program->wanted, program->size) == 0) return 1;
    left -= (uint64_t)(found - at) + 1;
    at = found + 1;
  }
  return 0;
}

/* [any] Several shards may be here at once. A filter that can tell by the queue index alone also has
 * match_index. Messages may be larger than this header knows: go by the batch's stride. */
static gantry_status match(gantry_program *program, const gantry_call *call,
                           const gantry_batch *batch, uint8_t *verdicts) {
  (void)call;
  const char *first = (const char *)batch->first;
  for (uint32_t i = 0; i < batch->count; ++i) {
    const gantry_message *message =
        (const gantry_message *)(const void *)(first + (size_t)i * batch->stride);
    verdicts[i] = has(message->body, program) ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
  }
  return GANTRY_OK;
}

/* [any] Whoever keeps programs gives them back when it likes, also while the module drains. */
static void release(gantry_program *program) {
  gantry_instance *module = program->module;
  free(program);
  if (atomic_fetch_sub(&module->held, 1) > 1) return;
  module->host->complete(module->host, module->drained, GANTRY_OK, NULL);
}

static const gantry_filter filter = {.struct_size = sizeof(gantry_filter),
                                     .compile = compile,
                                     .match = match,
                                     .release = release};

/* ── What the module offers, needs and can be set to, in [plugins.plugin_name]. The offer's name is the
 * expression type as clients send it. */
static const gantry_offer offer_filter = {.struct_size = sizeof(gantry_offer),
                                          .id = GANTRY_CAP_FILTER,
                                          .name = "CONTAINS",
                                          .table = &filter};
static const gantry_offer *const offers[] = {&offer_filter};

static const gantry_need need_settings = {
    .struct_size = sizeof(gantry_need), .required = 1, .id = GANTRY_HOST_SETTINGS};
static const gantry_need *const needs[] = {&need_settings};

#define I64(number) {.kind = GANTRY_I64, .as = {.i = (number)}}
static const gantry_setting bytes_max = {.struct_size = sizeof(gantry_setting),
                                         .kind = GANTRY_I64,
                                         .key = "bytes_max",
                                         .help = "The longest text a subscription may look for.",
                                         .fallback = I64(256),
                                         .least = I64(1),
                                         .most = I64(65536)};
static const gantry_setting *const settings[] = {&bytes_max};

/* ── Life, on the control thread: create, start, (calls), drain, stop, destroy. */
static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  const gantry_settings *service = host->service(host, GANTRY_HOST_SETTINGS);
  gantry_value most;
  if (service->get(host, text("bytes_max"), &most) != GANTRY_OK)
    return refuse(error, GANTRY_FAULT, "bytes_max: declared, but the host lacks it");
  gantry_instance *self = calloc(1, sizeof *self);
  if (!self) return refuse(error, GANTRY_BUSY, "no memory for an instance");
  self->host = host;
  self->bytes_max = (uint64_t)most.as.i;
  atomic_init(&self->held, 1);
  *out = self;
  return GANTRY_OK;
}

static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)self, (void)ready, (void)error;
  return GANTRY_OK;
}
static gantry_status quiesce(gantry_instance *self, gantry_token idle, gantry_error *error) {
  (void)self, (void)idle, (void)error;
  return GANTRY_OK;
}
static gantry_status resume(gantry_instance *self, gantry_error *error) {
  (void)self, (void)error;
  return GANTRY_OK;
}
/* The token is there before the module's own hold is given up: the last release finds it. */
static gantry_status drain(gantry_instance *self, gantry_token drained, gantry_error *error) {
  (void)error;
  self->drained = drained;
  return atomic_fetch_sub(&self->held, 1) == 1 ? GANTRY_OK : GANTRY_PENDING;
}
static void stop(gantry_instance *self) { (void)self; }
static void destroy(gantry_instance *self) { free(self); }

static const gantry_module module = {.struct_size = sizeof(gantry_module),
                                     .name = "plugin_name",
                                     .offer_count = 1,
                                     .need_count = 1,
                                     .setting_count = 1,
                                     .offers = offers,
                                     .needs = needs,
                                     .settings = settings,
                                     .create = create,
                                     .start = start,
                                     .quiesce = quiesce,
                                     .resume = resume,
                                     .drain = drain,
                                     .stop = stop,
                                     .destroy = destroy};
static const gantry_module *const modules[] = {&module};

/* ── The one symbol of the library. */
const gantry_plugin gantry_plugin_v1 = {.struct_size = sizeof(gantry_plugin),
                                        .abi_major = GANTRY_ABI_MAJOR,
                                        .abi_minor = GANTRY_ABI_MINOR,
                                        .module_count = 1,
                                        .id = "org.example.plugin_name",
                                        .version = "0.1",
                                        .modules = modules};
