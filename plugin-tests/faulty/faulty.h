/* faulty: a small sound module, of which each plugin of this folder spoils one thing. It answers
 * request code 9200. FAULTY(...) defines the library; what stands in it overrides members of the
 * sound gantry_module. All of it belongs to the file that includes this, and lives as long as the
 * library.
 */
#ifndef FAULTY_H
#define FAULTY_H

#include <gantry/cap/request_handler.h>
#include <gantry/host/buffers.h>
#include <gantry/host/clock.h>
#include <gantry/host/settings.h>
#include <gantry/plugin.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

struct gantry_instance {
  const gantry_host *host;
};

/* Not every file uses all of it. */
#define MAYBE __attribute__((unused)) static

MAYBE gantry_str text(const char *zero_terminated) {
  gantry_str out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

MAYBE gantry_status refuse(gantry_error *error, const char *why) {
  strncpy(error->text, why, sizeof error->text - 1);
  return error->code = GANTRY_REFUSED;
}

/* ── life */
MAYBE gantry_status sound_create(const gantry_host *host, gantry_instance **out,
                                 gantry_error *error) {
  gantry_instance *self = (gantry_instance *)calloc(1, sizeof *self);
  if (!self) return refuse(error, "no memory");
  self->host = host;
  *out = self;
  return GANTRY_OK;
}
MAYBE gantry_status sound_step(gantry_instance *self, gantry_token token, gantry_error *error) {
  (void)self, (void)token, (void)error;
  return GANTRY_OK;
}
MAYBE gantry_status sound_resume(gantry_instance *self, gantry_error *error) {
  (void)self, (void)error;
  return GANTRY_OK;
}
MAYBE void sound_stop(gantry_instance *self) { (void)self; }
MAYBE void sound_destroy(gantry_instance *self) { free(self); }

/* ── requests */
MAYBE gantry_status sound_handle(gantry_instance *self, const gantry_call *call,
                                 const gantry_request *request, gantry_token token, uint32_t why) {
  (void)call, (void)request, (void)why;
  const gantry_requests *requests =
      (const gantry_requests *)self->host->service(self->host, GANTRY_HOST_REQUESTS);
  gantry_response response;
  memset(&response, 0, sizeof response);
  response.struct_size = sizeof response;
  (void)requests->respond(self->host, token, &response);
  return GANTRY_OK;
}
MAYBE void sound_session_closed(gantry_instance *self, const gantry_call *call,
                                gantry_session session) {
  (void)self, (void)call, (void)session;
}

/* ── tables */
static const gantry_need need_requests = {sizeof(gantry_need), 1, GANTRY_HOST_REQUESTS};
static const gantry_need need_buffers = {sizeof(gantry_need), 1, GANTRY_HOST_BUFFERS};
static const gantry_need need_settings = {sizeof(gantry_need), 1, GANTRY_HOST_SETTINGS};
static const gantry_need *const sound_needs[] = {&need_requests, &need_buffers, &need_settings};

/* What a file may define before it includes this. */
#ifndef ABI_MAJOR
#define ABI_MAJOR GANTRY_ABI_MAJOR
#endif
#ifndef MODULE_NAME
#define MODULE_NAME "faulty"
#endif
#ifndef OFFER_NAME
#define OFFER_NAME ""
#endif
#ifndef ROUTE_ACCESS
#define ROUTE_ACCESS GANTRY_ACCESS_NONE
#endif

/* The library. handler: the function for requests. */
#define FAULTY_HANDLER(handler, ...)                                                              \
  static const gantry_route all_routes[] = {                                                      \
      {sizeof(gantry_route), 9200, 0, ROUTE_ACCESS, NULL, 0, 0}};                                 \
  static const gantry_route *const routes[] = {&all_routes[0]};                                   \
  static const gantry_request_handler table = {sizeof table, COUNT(routes), routes, handler,      \
                                               sound_session_closed};                             \
  FAULTY_OFFER(GANTRY_CAP_REQUEST_HANDLER, __VA_ARGS__)

/* The same with `table` of the capability. */
#define FAULTY_OFFER(capability, ...)                                                             \
  static const gantry_offer offer = {sizeof offer, 0, capability, OFFER_NAME, &table, NULL};      \
  static const gantry_offer *const offers[] = {&offer};                                           \
  static const gantry_module module = {.struct_size = sizeof module,                              \
                                       .name = MODULE_NAME,                                       \
                                       .offer_count = COUNT(offers),                              \
                                       .need_count = COUNT(sound_needs),                          \
                                       .offers = offers,                                          \
                                       .needs = sound_needs,                                      \
                                       .create = sound_create,                                    \
                                       .start = sound_step,                                       \
                                       .quiesce = sound_step,                                     \
                                       .resume = sound_resume,                                    \
                                       .drain = sound_step,                                       \
                                       .stop = sound_stop,                                        \
                                       .destroy = sound_destroy,                                  \
                                       __VA_ARGS__};                                              \
  static const gantry_module *const modules[] = {&module};                                        \
  const gantry_plugin gantry_plugin_v1 = {.struct_size = sizeof(gantry_plugin),                   \
                                          .abi_major = ABI_MAJOR,                                 \
                                          .abi_minor = GANTRY_ABI_MINOR,                          \
                                          .module_count = COUNT(modules),                         \
                                          .id = "org.gantry.faulty",                              \
                                          .version = "1",                                         \
                                          .modules = modules}

#define FAULTY(...) FAULTY_HANDLER(sound_handle, __VA_ARGS__)

#endif
