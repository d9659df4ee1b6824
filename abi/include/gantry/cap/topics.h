/* topics: what other modules need to know of topics, and how they make one. Offered by whoever serves
 * producers and consumers. Names, permissions and flags: RocketMQ's (common: TopicConfig).
 */
#ifndef GANTRY_CAP_TOPICS_H
#define GANTRY_CAP_TOPICS_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_TOPICS "gantry.topics/0"

/* gantry_topic.kind: RocketMQ's attribute message.type */
#define GANTRY_TOPIC_UNSPECIFIED 0u /* no such attribute, or a value this header does not know */
#define GANTRY_TOPIC_NORMAL 1u
#define GANTRY_TOPIC_FIFO 2u
#define GANTRY_TOPIC_DELAY 3u
#define GANTRY_TOPIC_TRANSACTION 4u
#define GANTRY_TOPIC_MIXED 5u

#define GANTRY_TOPIC_ORDERED 1u   /* gantry_topic.flags: its routes are kept in order */
#define GANTRY_TOPIC_COMPACTED 2u /* attribute cleanup.policy is COMPACTION */

/* Growable; the caller's. */
typedef struct gantry_topic {
  uint32_t struct_size;
  uint32_t perm;        /* PermName bits: 4 read, 2 write, 1 inherit */
  int32_t read_queues;
  int32_t write_queues;
  uint32_t kind;
  uint32_t flags;
  int32_t sys_flag;     /* TopicSysFlag bits: 1 unit, 2 has unit subscription */
  uint32_t reserved;
} gantry_topic;

/* Growable. */
typedef struct gantry_topics {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* GONE when there is no such topic; *out is then as it was. */
  gantry_status (*find)(gantry_instance *self, const gantry_call *call, gantry_str name,
                        gantry_topic *out); /* [any] */
  /* Sees that there is one: one that is there stays as it is, else `wanted` (perm, queues, sys_flag)
   * is made. then follows, result null, once it is durable and every find tells of it; with FAULT and
   * a text when it could not be stored. INVALID: a name or number that may not be, said in
   * call->error. */
  gantry_status (*ensure)(gantry_instance *self, const gantry_call *call, gantry_str name,
                          const gantry_topic *wanted, gantry_completion then); /* [any] */
  /* Calls each() for every topic, in no order, in this call; name and topic are borrowed until each()
   * returns. Any status but OK from each() ends it and is returned. */
  gantry_status (*each)(gantry_instance *self, const gantry_call *call,
                        gantry_status (*each)(void *context, gantry_str name,
                                              const gantry_topic *topic), /* [any] */
                        void *context); /* [worker] */
} gantry_topics;

#ifdef __cplusplus
}
#endif
#endif
