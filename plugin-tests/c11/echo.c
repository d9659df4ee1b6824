/* echo: a complete Gantry plugin in plain C11. Copy it, rename it, replace what handle() does.
 *
 * It serves one request code: the answer's body is the request's body behind a configured prefix.
 * All it includes is the ABI. A plugin exports one constant, gantry_plugin_v1, at the end of this
 * file; everything else is static, and is found from there:
 *
 *   plugin -> modules -> what a module offers, what it needs, its settings, its life
 *
 * Build: cc -std=c11 -shared -fPIC -fvisibility=hidden -Wl,--version-script=plugin.map echo.c
 */
#include <gantry/cap/request_handler.h>
#include <gantry/host/buffers.h>
#include <gantry/host/settings.h>
#include <gantry/plugin.h>

#include <stdlib.h>
#include <string.h>

#define ECHO_CODE 9000         /* our own request code; RocketMQ's are listed in its RequestCode */
#define ECHO_INVALID_PARAMETER 29 /* RocketMQ's response code for a request that makes no sense */
#define ECHO_BODY_BYTES_MAX (1u << 20)

/* ── The instance: one per entry of the configuration. A module keeps no mutable state elsewhere, so
 * that two instances share nothing but code. The type is ours: to the host it is opaque. */
struct gantry_instance {
  const gantry_host *host; /* borrowed; lives as long as the instance */
  const gantry_requests *requests;
  const gantry_buffers *buffers;
  gantry_str prefix; /* host-owned, likewise */
};

/* ── Small tools. A gantry_str has a size and no terminating zero. */
static gantry_str text(const char *zero_terminated) {
  gantry_str out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

static int equal(gantry_str a, gantry_str b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Says no: status for the host, code and sentence for whoever asked. The error record is the
 * caller's and may be older (smaller) than our header, so ask whether it has the member. */
static gantry_status refuse(gantry_error *error, gantry_status status, int32_t wire_code,
                            const char *why) {
  if (error && GANTRY_HAS(error, gantry_error, text)) {
    size_t size = strlen(why);
    if (size > sizeof error->text - 1) size = sizeof error->text - 1;
    memcpy(error->text, why, size);
    error->text[size] = '\0';
    error->code = status;
    error->wire_code = wire_code;
  }
  return status;
}

static const gantry_property *find_field(const gantry_request *request, const char *key) {
  for (uint32_t i = 0; i < request->field_count; ++i)
    if (equal(request->fields[i].key, text(key))) return &request->fields[i];
  return NULL;
}

/* ── The capability: gantry.request_handler. Called on the shard that owns the client's session; it
 * must not block. request is borrowed until we return. */
static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  (void)why; /* always GANTRY_FIRST: we never park a request */

  /* The prefix of the configuration, or the one the request brings. */
  gantry_str prefix = self->prefix;
  const gantry_property *own = find_field(request, "prefix");
  if (own) prefix = own->value;

  uint64_t size = prefix.size;
  for (uint32_t i = 0; i < request->body_count; ++i) size += request->body[i].size;
  if (size > ECHO_BODY_BYTES_MAX)
    return refuse(call->error, GANTRY_INVALID, ECHO_INVALID_PARAMETER,
                  "body: more than 1048576 bytes with its prefix");

  /* The answer's bytes live in a counted buffer. reserve gives us one reference. */
  gantry_slice body;
  uint8_t *to = NULL;
  gantry_status status = self->buffers->reserve(self->host, size, &body, &to);
  if (status != GANTRY_OK) return refuse(call->error, status, 0, "no memory for the answer");
  if (prefix.size > 0) memcpy(to, prefix.data, prefix.size);
  to += prefix.size;
  for (uint32_t i = 0; i < request->body_count; ++i) {
    if (request->body[i].size > 0) memcpy(to, request->body[i].data, request->body[i].size);
    to += request->body[i].size;
  }

  /* Growable structs begin with their size; what we leave out is zero. respond takes over our
   * reference to the buffer, also when it fails: nothing to release. */
  gantry_response response = {0};
  response.struct_size = sizeof response;
  response.code = 0;
  response.body = &body;
  response.body_count = 1;
  (void)self->requests->respond(self->host, token, &response); /* GONE: the client hung up */
  return GANTRY_OK;
}

static void session_closed(gantry_instance *self, const gantry_call *call,
                           gantry_session session) {
  (void)self, (void)call, (void)session; /* we keep nothing of a session */
}

/* Every route says who may use it. A code without a declaration would need an administrator. */
static const gantry_route echo_route = {
    .struct_size = sizeof(gantry_route), .code = ECHO_CODE, .access = GANTRY_ACCESS_NONE};
static const gantry_route *const routes[] = {&echo_route};

static const gantry_request_handler handler = {.struct_size = sizeof(gantry_request_handler),
                                               .route_count = 1,
                                               .routes = routes,
                                               .handle = handle,
                                               .session_closed = session_closed};

/* ── What the module offers, needs and lets people configure. All of it is constant data: the host
 * reads it without running any of our code. */
static const gantry_offer handler_offer = {.struct_size = sizeof(gantry_offer),
                                           .id = GANTRY_CAP_REQUEST_HANDLER,
                                           .name = "",
                                           .table = &handler};
static const gantry_offer *const offers[] = {&handler_offer};

static const gantry_need needs_requests = {
    .struct_size = sizeof(gantry_need), .required = 1, .id = GANTRY_HOST_REQUESTS};
static const gantry_need needs_buffers = {
    .struct_size = sizeof(gantry_need), .required = 1, .id = GANTRY_HOST_BUFFERS};
static const gantry_need *const needs[] = {&needs_requests, &needs_buffers};

static const gantry_setting prefix_setting = {
    .struct_size = sizeof(gantry_setting),
    .kind = GANTRY_STR,
    .key = "prefix",
    .help = "What every answer begins with, unless the request brings a field of this name.",
    .fallback = {.kind = GANTRY_STR, .as = {.s = {"echo: ", 6}}}};
static const gantry_setting *const settings[] = {&prefix_setting};

/* ── Life, on the control thread: create, start, (calls), drain, stop, destroy. */

/* Memory only. The needs we declared as required are there, or we would not be created. */
static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  const gantry_settings *values = host->service(host, GANTRY_HOST_SETTINGS);
  gantry_value prefix;
  if (!values || values->get(host, text("prefix"), &prefix) != GANTRY_OK)
    return refuse(error, GANTRY_INVALID, 0, "prefix: not configured");
  gantry_instance *self = calloc(1, sizeof *self);
  if (!self) return refuse(error, GANTRY_BUSY, 0, "no memory for an instance");
  self->host = host;
  self->requests = host->service(host, GANTRY_HOST_REQUESTS);
  self->buffers = host->service(host, GANTRY_HOST_BUFFERS);
  self->prefix = prefix.as.s;
  *out = self;
  return GANTRY_OK;
}

/* A module with files, timers or bindings opens them here and gives them back in drain and stop. */
static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)self, (void)ready, (void)error;
  return GANTRY_OK;
}

static gantry_status quiesce(gantry_instance *self, gantry_token idle, gantry_error *error) {
  (void)self, (void)idle, (void)error; /* we do nothing by ourselves that would have to pause */
  return GANTRY_OK;
}

static gantry_status resume(gantry_instance *self, gantry_error *error) {
  (void)self, (void)error;
  return GANTRY_OK;
}

static gantry_status drain(gantry_instance *self, gantry_token drained, gantry_error *error) {
  (void)self, (void)drained, (void)error;
  return GANTRY_OK;
}

static void stop(gantry_instance *self) { (void)self; }

/* What create allocated is freed on the same side. */
static void destroy(gantry_instance *self) { free(self); }

static const gantry_module echo_module = {.struct_size = sizeof(gantry_module),
                                          .name = "echo_c",
                                          .offer_count = 1,
                                          .need_count = 2,
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
static const gantry_module *const modules[] = {&echo_module};

/* ── The one symbol of the library. */
const gantry_plugin gantry_plugin_v1 = {.struct_size = sizeof(gantry_plugin),
                                        .abi_major = GANTRY_ABI_MAJOR,
                                        .abi_minor = GANTRY_ABI_MINOR,
                                        .module_count = 1,
                                        .id = "org.gantry.example.echo_c",
                                        .version = "0.1",
                                        .modules = modules};
