/* A log consumer that can't take records of one topic, `poison`. */
#include "sound_consumer.h"

static int is_poison(const gantry_message *message) {
  return message->topic.size == 6 && memcmp(message->topic.data, "poison", 6) == 0;
}

static gantry_status consume(gantry_instance *self, const gantry_call *call,
                             const gantry_batch *batch, uint32_t *consumed) {
  (void)self;
  for (*consumed = 0; *consumed < batch->count; ++*consumed) {
    const char *at = (const char *)batch->first + (size_t)*consumed * batch->stride;
    if (is_poison((const gantry_message *)(const void *)at)) return refuse(call->error, "poison");
  }
  return GANTRY_OK;
}

FAULTY_CONSUMER(consume);
