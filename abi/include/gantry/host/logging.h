/* logging: diagnostics for operators, one line each, named after the instance. Not the CommitLog. */
#ifndef GANTRY_HOST_LOGGING_H
#define GANTRY_HOST_LOGGING_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_LOGGING "gantry.host.logging/1"

/* Ordered, with room between for more: a level that the host doesn't know counts as the next lower
 * one it does, below DEBUG as DEBUG. */
#define GANTRY_LOGGING_DEBUG 10u /* for who looks into a fault */
#define GANTRY_LOGGING_INFO 20u  /* a step of the life of a node: rare, and good */
#define GANTRY_LOGGING_WARN 30u  /* somebody should look at it; work goes on */
#define GANTRY_LOGGING_ERROR 40u /* something that was asked for or promised didn't happen */

/* From create until destroy returns. Growable. */
typedef struct gantry_logging {
  uint32_t struct_size;
  uint32_t reserved;
  /* 1 if a line of this level would be written: ask before building a long text, and each time, since
   * operators change the level while the node runs. */
  uint32_t (*enabled)(const gantry_host *host, uint32_t level); /* [any] */
  /* Writes a line if its level is enabled. Copies text: UTF-8, without the instance's name or a line
   * end; control characters in it become spaces. A host may drop lines rather than let the caller
   * wait. Never once per message. */
  void (*write)(const gantry_host *host, uint32_t level, gantry_str text); /* [any] */
} gantry_logging;

#ifdef __cplusplus
}
#endif
#endif
