/* index_code: replaces the tag hash in the queue index of some topics, by a pure function of the
 * record. RocketMQ's queues of SCHEDULE_TOPIC_XXXX hold the due time there, for one
 * (store: CommitLog.checkMessageAndReturnSize).
 *
 * Every log consumer sees the code as gantry_message.tag_code, also when the log is replayed. One
 * module per topic: a second claim is a start error that names both. `gantry verify` asks too, on an
 * instance that was created and is never started.
 */
#ifndef GANTRY_CAP_INDEX_CODE_H
#define GANTRY_CAP_INDEX_CODE_H

#include "gantry/message.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_CAP_INDEX_CODE "gantry.index_code/0"

/* Growable. */
typedef struct gantry_index_code {
  uint32_t struct_size;
  uint32_t topic_count;
  const gantry_str *topics; /* static: lives as long as the library */
  /* The same record gives the same code for ever, whatever time it is and whoever reads it: several
   * threads may, at once. message->tag_code is the tag's hash. */
  int64_t (*code)(gantry_instance *self, const gantry_call *call,
                  const gantry_message *message); /* [any] */
} gantry_index_code;

#ifdef __cplusplus
}
#endif
#endif
