/* faulty: a log consumer that keeps nothing, for the plugins that consume in their own way.
 * FAULTY_CONSUMER(consume) defines the library. It belongs to the file that includes this.
 */
#ifndef SOUND_CONSUMER_H
#define SOUND_CONSUMER_H

#include <gantry/cap/log_consumer.h>

#include "faulty.h"

static gantry_status sound_position(gantry_instance *self, int64_t *replay_from,
                                    gantry_error *error) {
  (void)self, (void)error;
  *replay_from = 0;
  return GANTRY_OK;
}
static void sound_live(gantry_instance *self, int64_t log_offset) { (void)self, (void)log_offset; }
static gantry_status sound_persist(gantry_instance *self, const gantry_call *call, int64_t stable,
                                   int64_t *persisted) {
  (void)self, (void)call, (void)stable;
  *persisted = 0;
  return GANTRY_OK;
}
static gantry_status sound_cut(gantry_instance *self, int64_t log_offset, gantry_error *error) {
  (void)self, (void)log_offset, (void)error;
  return GANTRY_OK;
}
static void sound_trimmed(gantry_instance *self, const gantry_call *call, int64_t min_log_offset) {
  (void)self, (void)call, (void)min_log_offset;
}

#define FAULTY_CONSUMER(consume)                                                                  \
  static const gantry_log_consumer table = {sizeof table, 0,          sound_position,             \
                                            consume,      sound_live, sound_persist,              \
                                            sound_cut,    sound_trimmed};                         \
  FAULTY_OFFER(GANTRY_CAP_LOG_CONSUMER, .flags = 0)

#endif
