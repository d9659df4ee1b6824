/* A filter that judges one message more than it was shown. */
#include <gantry/cap/filter.h>

#define OFFER_NAME "TAG"
#include "faulty.h"

struct gantry_program {
  int unused;
};

static gantry_status compile(gantry_instance *self, const gantry_call *call, gantry_str expression,
                             gantry_compiled *out) {
  static gantry_program all;
  (void)self, (void)call, (void)expression;
  out->program = &all;
  return GANTRY_OK;
}
static gantry_status match(gantry_program *program, const gantry_call *call,
                           const gantry_batch *batch, uint8_t *verdicts) {
  (void)program, (void)call;
  for (uint32_t i = 0; i <= batch->count; ++i) verdicts[i] = GANTRY_VERDICT_DELIVER;
  return GANTRY_OK;
}
static void release(gantry_program *program) { (void)program; }

static const gantry_filter table = {sizeof table, 0, compile, match, release, NULL, NULL};

FAULTY_OFFER(GANTRY_CAP_FILTER, .flags = 0);
