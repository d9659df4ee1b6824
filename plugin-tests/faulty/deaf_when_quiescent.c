/* Crashes at a call while it is quiescent, though calls still arrive then. */
#include "faulty.h"

static void *state; /* of its one instance */

static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)self, (void)ready, (void)error;
  state = malloc(1);
  return GANTRY_OK;
}
static gantry_status quiesce(gantry_instance *self, gantry_token idle, gantry_error *error) {
  (void)self, (void)idle, (void)error;
  free(state);
  state = NULL;
  return GANTRY_OK;
}
static gantry_status resume(gantry_instance *self, gantry_error *error) {
  return start(self, 0, error);
}
static void stop(gantry_instance *self) { (void)self, free(state); }

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  if (!state) abort();
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .start = start, .quiesce = quiesce, .resume = resume, .stop = stop);
