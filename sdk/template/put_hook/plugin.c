/* plugin_name: a put hook in C. It sees every message on its way into the log and gives it a
 * property. All it includes is the ABI; the library exports gantry_plugin_v1, at the end of this
 * file, and the host finds everything from there.
 */
#include <gantry/cap/put_hook.h>
#include <gantry/host/settings.h>
#include <gantry/plugin.h>
#include <stdlib.h>
#include <string.h>

/* One per entry of the configuration; a module keeps no mutable state elsewhere. */
struct gantry_instance {
  gantry_str property; /* host-owned; lives as long as the instance */
  gantry_str value;    /* likewise */
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
    strncpy(error->text, why, sizeof error->text - 1);
    error->text[sizeof error->text - 1] = '\0';
  }
  return status;
}

/* ── The capability. [any]: several shards may be here at once. To refuse a message, fill
 * call->error and return GANTRY_REFUSED. */
static gantry_status before(gantry_instance *self, const gantry_call *call, const gantry_put *put,
                            gantry_put_edit *edit, const gantry_put_editor *editor) {
  (void)call; /* the editor fills call->error when it says no */
  for (uint32_t i = 0; i < put->count; ++i) {
    gantry_status status = editor->set_property(edit, i, self->property, self->value);
    if (status != GANTRY_OK) return status;
  }
  return GANTRY_OK;
}

static const gantry_put_hook hook = {.struct_size = sizeof(gantry_put_hook), .before = before};

/* ── What the module offers, needs and can be set to, in [plugins.plugin_name]. */
static const gantry_offer offer_hook = {.struct_size = sizeof(gantry_offer),
                                        .id = GANTRY_CAP_PUT_HOOK,
                                        .name = "",
                                        .table = &hook};
static const gantry_offer *const offers[] = {&offer_hook};

static const gantry_need need_settings = {
    .struct_size = sizeof(gantry_need), .required = 1, .id = GANTRY_HOST_SETTINGS};
static const gantry_need *const needs[] = {&need_settings};

#define STR(literal) {.kind = GANTRY_STR, .as = {.s = {literal, sizeof(literal) - 1}}}
static const gantry_setting property = {.struct_size = sizeof(gantry_setting),
                                        .kind = GANTRY_STR,
                                        .key = "property",
                                        .help = "The property that every message gets.",
                                        .fallback = STR("STAMPED_BY")};
static const gantry_setting value = {.struct_size = sizeof(gantry_setting),
                                     .kind = GANTRY_STR,
                                     .key = "value",
                                     .help = "What it says.",
                                     .fallback = STR("plugin_name")};
static const gantry_setting *const settings[] = {&property, &value};

/* ── Life, on the control thread: create, start, (calls), drain, stop, destroy. */
static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  const gantry_settings *service = host->service(host, GANTRY_HOST_SETTINGS);
  gantry_value stamp_property, stamp_value;
  if (service->get(host, text("property"), &stamp_property) != GANTRY_OK ||
      service->get(host, text("value"), &stamp_value) != GANTRY_OK)
    return refuse(error, GANTRY_FAULT, "property and value: declared, but the host lacks them");
  if (stamp_property.as.s.size == 0)
    return refuse(error, GANTRY_INVALID, "property = \"\": it needs a name");
  gantry_instance *self = calloc(1, sizeof *self);
  if (!self) return refuse(error, GANTRY_BUSY, "no memory for an instance");
  self->property = stamp_property.as.s;
  self->value = stamp_value.as.s;
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
static gantry_status drain(gantry_instance *self, gantry_token drained, gantry_error *error) {
  (void)self, (void)drained, (void)error;
  return GANTRY_OK;
}
static void stop(gantry_instance *self) { (void)self; }
static void destroy(gantry_instance *self) { free(self); }

static const gantry_module module = {.struct_size = sizeof(gantry_module),
                                     .name = "plugin_name",
                                     .offer_count = 1,
                                     .need_count = 1,
                                     .setting_count = 2,
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
