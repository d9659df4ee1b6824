/* A function that depends on more than the message and its arguments. */
#include <gantry/cap/function.h>

#define OFFER_NAME "ticket"
#include "faulty.h"

struct gantry_prepared {
  int64_t invoked;
};

static gantry_status prepare(gantry_instance *self, const gantry_call *call,
                             const gantry_value *constants, uint32_t argument_count,
                             gantry_prepared **out) {
  (void)self, (void)constants, (void)argument_count;
  *out = (gantry_prepared *)calloc(1, sizeof **out);
  return *out ? GANTRY_OK : refuse(call->error, "no memory");
}
static gantry_status invoke(gantry_prepared *prepared, const gantry_call *call,
                            const gantry_message *message, const gantry_value *arguments,
                            uint32_t argument_count, gantry_value *out) {
  (void)call, (void)message, (void)arguments, (void)argument_count;
  out->kind = GANTRY_I64;
  out->as.i = ++prepared->invoked;
  return GANTRY_OK;
}
static void release(gantry_prepared *prepared) { free(prepared); }

static const gantry_function table = {sizeof table, 0, prepare, invoke, release};

FAULTY_OFFER(GANTRY_CAP_FUNCTION, .flags = 0);
