/* groups: configuration of consumer groups, as other modules need it (retries, dead letters, pop).
 * Offered by whoever serves consumers. Names and numbers: RocketMQ's (SubscriptionGroupConfig).
 */
#ifndef GANTRY_CAP_GROUPS_H
#define GANTRY_CAP_GROUPS_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_GROUPS "gantry.groups/0"

/* gantry_group.flags */
#define GANTRY_GROUP_CONSUMES 1u      /* consumeEnable */
#define GANTRY_GROUP_BROADCASTS 2u    /* consumeBroadcastEnable */
#define GANTRY_GROUP_ORDERLY 4u       /* consumeMessageOrderly */
#define GANTRY_GROUP_FROM_MIN 8u      /* consumeFromMinEnable */
#define GANTRY_GROUP_HEARS_MEMBERS 16u /* notifyConsumerIdsChangedEnable */

/* Growable; the caller's. */
typedef struct gantry_group {
  uint32_t struct_size;
  uint32_t flags;
  int32_t retry_queues; /* of %RETRY%group */
  int32_t retries_max;  /* deliveries after the first, before a message is a dead letter */
  int32_t sys_flag;
  int32_t consume_timeout_minutes;
} gantry_group;

/* Growable. */
typedef struct gantry_groups {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  /* GONE when there is no such group; *out is then as it was. */
  gantry_status (*find)(gantry_instance *self, const gantry_call *call, gantry_str name,
                        gantry_group *out); /* [any] */
  /* Sees that there is one, made with RocketMQ's defaults if need be. then follows, result null, once
   * it is durable and every find tells of it; with FAULT and a text when it could not be stored.
   * REFUSED where groups are made by operators only; INVALID for a name that may not be. */
  gantry_status (*ensure)(gantry_instance *self, const gantry_call *call, gantry_str name,
                          gantry_completion then); /* [any] */
} gantry_groups;

#ifdef __cplusplus
}
#endif
#endif
