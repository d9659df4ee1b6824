/* An index code that depends on more than the record. */
#include <gantry/cap/index_code.h>

#include "faulty.h"

static int64_t code(gantry_instance *self, const gantry_call *call, const gantry_message *message) {
  static int64_t asked;
  (void)self, (void)call, (void)message;
  return ++asked;
}

static const gantry_str topics[] = {{"TopicA", 6}};
static const gantry_index_code table = {sizeof table, COUNT(topics), topics, code};

FAULTY_OFFER(GANTRY_CAP_INDEX_CODE, .flags = 0);
