/* logging: diagnostics for operators, one line each, named after the instance. Not the CommitLog. */
#ifndef GANTRY_HOST_LOGGING_H
#define GANTRY_HOST_LOGGING_H

#include "gantry/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_HOST_LOGGING "gantry.host.logging/0"

#define GANTRY_LOG_DEBUG 0u
#define GANTRY_LOG_INFO 1u
#define GANTRY_LOG_WARN 2u
#define GANTRY_LOG_ERROR 3u

/* Growable. */
typedef struct gantry_logging {
  uint32_t struct_size;
  uint32_t reserved;
  /* 1 if a line of this level would be written: ask before building a long text. */
  uint32_t (*enabled)(const gantry_host *host, uint32_t level); /* [any] */
  /* Copies text, which has no line end. Never once per message. */
  void (*write)(const gantry_host *host, uint32_t level, gantry_str text); /* [any] */
} gantry_logging;

#ifdef __cplusplus
}
#endif
#endif
