/* message: a view of one record, before or after it entered the log.
 *
 * The kernel already holds the bytes; nothing is copied to make a view. Everything in it is borrowed
 * until the call returns. To keep bytes, retain `buffer` (host/buffers.h). Layout of the record:
 * RocketMQ's CommitLog, versions 1 and 2 (store: MessageExtEncoder; common: MessageDecoder).
 */
#ifndef GANTRY_MESSAGE_H
#define GANTRY_MESSAGE_H

#include "gantry/call.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_MSG_PARSED 1u /* gantry_message.flags: properties[] is filled; else scan property_text */
/* 0x100 is cap/store_check.h's */

/* Growable; arrays carry a stride. */
typedef struct gantry_message {
  uint32_t struct_size;
  uint32_t flags;
  gantry_str topic;
  gantry_bytes body;
  gantry_str property_text; /* name 0x01 value 0x02 ..., as stored */
  const gantry_property *properties;
  uint32_t property_count;
  int32_t queue_id;
  int64_t queue_offset;
  int64_t log_offset;       /* byte position of the record; -1 before the append */
  int64_t stored_ms;        /* wall clock of the append; never below the record before it */
  int64_t born_ms;          /* wall clock of the sender */
  int32_t sys_flag;         /* RocketMQ's MessageSysFlag bits; the two IPv6 bits are the kernel's */
  int32_t app_flag;         /* the sender's own 32 bits */
  int32_t reconsume_times;
  uint32_t record_size;     /* bytes of the whole record; 0 before the append */
  int64_t prepared_offset;  /* log offset of the half message on a commit record, else 0 */
  int64_t tag_code;         /* Java hash of the TAGS property, sign-extended; 0 for none */
  gantry_bytes born_host;   /* 4 or 16 address bytes, then the port as a big-endian 32-bit integer */
  gantry_bytes store_host;  /* likewise: the address clients dial back */
  gantry_bytes record;      /* the whole record as stored; empty before the append */
  gantry_buffer *buffer;    /* counted owner of the bytes; null before the append */
} gantry_message;

/* message[i] is at (const char *)first + i * stride. Growable. */
typedef struct gantry_batch {
  uint32_t struct_size;
  uint32_t stride; /* bytes from one message to the next */
  uint32_t count;
  uint32_t reserved;
  const gantry_message *first;
} gantry_batch;

/* One entry of a queue index: RocketMQ's 20-byte ConsumeQueue unit, aligned. Frozen. */
typedef struct gantry_index_entry {
  int64_t log_offset;
  int64_t code; /* tag hash, or what a topic's index_code says */
  int32_t size; /* bytes of the record */
  int32_t span; /* queue offsets it takes: n of an inner batch; 0 for one */
} gantry_index_entry;

#ifdef __cplusplus
}
#endif
#endif
