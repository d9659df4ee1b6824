/* A function whose values are of a kind that only settings have. */
#include <gantry/cap/function.h>

#define OFFER_NAME "words"
#include "faulty.h"

struct gantry_prepared {
  int unused;
};

static gantry_status prepare(gantry_instance *self, const gantry_call *call,
                             const gantry_value *constants, uint32_t argument_count,
                             gantry_prepared **out) {
  static gantry_prepared all;
  (void)self, (void)call, (void)constants, (void)argument_count;
  *out = &all;
  return GANTRY_OK;
}
static gantry_status invoke(gantry_prepared *prepared, const gantry_call *call,
                            const gantry_message *message, const gantry_value *arguments,
                            uint32_t argument_count, gantry_value *out) {
  (void)prepared, (void)call, (void)message, (void)arguments, (void)argument_count;
  out->kind = GANTRY_LIST;
  out->as.i = 0;
  return GANTRY_OK;
}
static void release(gantry_prepared *prepared) { (void)prepared; }

static const gantry_function table = {sizeof table, 0, prepare, invoke, release};

FAULTY_OFFER(GANTRY_CAP_FUNCTION, .flags = 0);
