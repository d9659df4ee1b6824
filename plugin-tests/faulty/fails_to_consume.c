/* A log consumer that can't take records of one topic, `poison`. */
#include <gantry/cap/log_consumer.h>

#include "faulty.h"

static int is_poison(const gantry_message *message) {
  return message->topic.size == 6 && memcmp(message->topic.data, "poison", 6) == 0;
}

static gantry_status position(gantry_instance *self, int64_t *replay_from, gantry_error *error) {
  (void)self, (void)error;
  *replay_from = 0;
  return GANTRY_OK;
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
static void live(gantry_instance *self, int64_t log_offset) { (void)self, (void)log_offset; }
static gantry_status persist(gantry_instance *self, const gantry_call *call, int64_t stable,
                             int64_t *persisted) {
  (void)self, (void)call, (void)stable;
  *persisted = 0;
  return GANTRY_OK;
}
static gantry_status cut(gantry_instance *self, int64_t log_offset, gantry_error *error) {
  (void)self, (void)log_offset, (void)error;
  return GANTRY_OK;
}
static void trimmed(gantry_instance *self, const gantry_call *call, int64_t min_log_offset) {
  (void)self, (void)call, (void)min_log_offset;
}

static const gantry_log_consumer table = {sizeof table, 0,   position, consume,
                                          live,         persist, cut,  trimmed};

FAULTY_OFFER(GANTRY_CAP_LOG_CONSUMER, .flags = 0);
