/* constants: the value of every constant of the ABI, asserted. Compiled as C11 and as C++20.
 *
 * A swapped pair of values passes a comparison of layouts and breaks every plugin built before. The
 * header lint fails when a constant has no line here.
 */
#include "asserts.h"
#include "gantry/base.h"
#include "gantry/call.h"
#include "gantry/cap/clients.h"
#include "gantry/cap/filter.h"
#include "gantry/cap/groups.h"
#include "gantry/cap/key_index.h"
#include "gantry/cap/log_consumer.h"
#include "gantry/cap/metadata_store.h"
#include "gantry/cap/offsets.h"
#include "gantry/cap/request_handler.h"
#include "gantry/cap/store_check.h"
#include "gantry/cap/topics.h"
#include "gantry/host/commitlog.h"
#include "gantry/host/logging.h"
#include "gantry/host/plugins.h"
#include "gantry/host/requests.h"
#include "gantry/message.h"
#include "gantry/plugin.h"

/* gantry/base.h */
IS(GANTRY_OK, 0);
IS(GANTRY_PENDING, 1);
IS(GANTRY_WOULD_BLOCK, -1);
IS(GANTRY_GONE, -2);
IS(GANTRY_REFUSED, -3);
IS(GANTRY_BUSY, -4);
IS(GANTRY_CANCELLED, -5);
IS(GANTRY_INVALID, -6);
IS(GANTRY_FAULT, -7);
IS(GANTRY_NULL, 0);
IS(GANTRY_BOOL, 1);
IS(GANTRY_I64, 2);
IS(GANTRY_F64, 3);
IS(GANTRY_STR, 4);
IS(GANTRY_LIST, 5);

/* gantry/call.h */
IS(GANTRY_NO_SHARD, 0xffffffffu);

/* gantry/plugin.h */
IS(GANTRY_ABI_MAJOR, 1);
IS(GANTRY_ABI_MINOR, 0);
IS(GANTRY_SETTING_REQUIRED, 1u);
IS(GANTRY_SETTING_LIVE, 2u);
IS(GANTRY_MODULE_RESTART_ONLY, 1u);
IS(GANTRY_MODULE_STAYS_MAPPED, 2u);
IS(GANTRY_MODULE_OWN_THREADS, 4u);
IS(GANTRY_MODULE_STORE_ROOT, 8u);

/* gantry/message.h */
IS(GANTRY_MSG_PARSED, 1u);
IS(GANTRY_MSG_CODE_UNKNOWN, 0x100u);

/* gantry/cap/filter.h */
IS(GANTRY_VERDICT_SKIP, 0u);
IS(GANTRY_VERDICT_DELIVER, 1u);
IS(GANTRY_VERDICT_LOOK, 2u);
IS(GANTRY_VERDICT_ERROR, 3u);

/* gantry/cap/key_index.h */
IS(GANTRY_KEY_KEY, 0u);
IS(GANTRY_KEY_TAG, 1u);

/* gantry/cap/log_consumer.h */
IS(GANTRY_LOG_INLINE, 1u);
IS(GANTRY_LOG_BOUNDS_VISIBILITY, 2u);

/* gantry/cap/topics.h */
IS(GANTRY_TOPIC_UNSPECIFIED, 0u);
IS(GANTRY_TOPIC_NORMAL, 1u);
IS(GANTRY_TOPIC_FIFO, 2u);
IS(GANTRY_TOPIC_DELAY, 3u);
IS(GANTRY_TOPIC_TRANSACTION, 4u);
IS(GANTRY_TOPIC_MIXED, 5u);
IS(GANTRY_TOPIC_ORDERED, 1u);
IS(GANTRY_TOPIC_COMPACTED, 2u);

/* gantry/cap/groups.h */
IS(GANTRY_GROUP_CONSUMES, 1u);
IS(GANTRY_GROUP_BROADCASTS, 2u);
IS(GANTRY_GROUP_ORDERLY, 4u);
IS(GANTRY_GROUP_FROM_MIN, 8u);
IS(GANTRY_GROUP_HEARS_MEMBERS, 16u);

/* gantry/cap/offsets.h */
IS(GANTRY_COMMIT_SET, 0u);
IS(GANTRY_COMMIT_FORWARD, 1u);

/* gantry/cap/clients.h */
IS(GANTRY_CLIENT_CONSUMER, 0u);
IS(GANTRY_CLIENT_PRODUCER, 1u);

/* gantry/cap/metadata_store.h */
IS(GANTRY_WRITE_NOW, 1u);

/* gantry/cap/request_handler.h */
IS(GANTRY_ROUTE_FALLBACK, 1u);
IS(GANTRY_ACCESS_ADMIN, 0u);
IS(GANTRY_ACCESS_NONE, 1u);
IS(GANTRY_ACCESS_FIELD, 2u);
IS(GANTRY_ACCESS_SELF, 3u);
IS(GANTRY_RESOURCE_CLUSTER, 1u);
IS(GANTRY_RESOURCE_TOPIC, 2u);
IS(GANTRY_RESOURCE_GROUP, 3u);
IS(GANTRY_ACTION_PUB, 1u);
IS(GANTRY_ACTION_SUB, 2u);
IS(GANTRY_ACTION_CREATE, 3u);
IS(GANTRY_ACTION_UPDATE, 4u);
IS(GANTRY_ACTION_DELETE, 5u);
IS(GANTRY_ACTION_GET, 6u);
IS(GANTRY_ACTION_LIST, 7u);
IS(GANTRY_FIRST, 0u);
IS(GANTRY_WOKEN, 1u);
IS(GANTRY_TIMED_OUT, 2u);

/* gantry/host/commitlog.h */
IS(GANTRY_MARK_APPENDED, 0u);
IS(GANTRY_MARK_WRITTEN, 1u);
IS(GANTRY_MARK_DURABLE, 2u);
IS(GANTRY_MARK_REPLICATED, 3u);
IS(GANTRY_MARK_STABLE, 4u);
IS(GANTRY_MARK_VISIBLE, 5u);
IS(GANTRY_MARK_COUNT, 6u);
IS(GANTRY_TRIM_FORCED, 1u);
IS(GANTRY_PUT_RAW_NUMBER, 1u);
IS(GANTRY_PUT_UNNUMBERED, 2u);
IS(GANTRY_PUT_NO_HOOKS, 4u);
IS(GANTRY_DECODE_TAG_CODE, 1u);
IS(GANTRY_DECODE_CHECK, 2u);

/* gantry/host/logging.h */
IS(GANTRY_LOGGING_DEBUG, 10u);
IS(GANTRY_LOGGING_INFO, 20u);
IS(GANTRY_LOGGING_WARN, 30u);
IS(GANTRY_LOGGING_ERROR, 40u);

/* gantry/host/plugins.h */
IS(GANTRY_INSTANCE_RUNNING, 1u);
IS(GANTRY_INSTANCE_REQUIRED, 2u);
IS(GANTRY_INSTANCE_LEFT_OUT, 4u);
IS(GANTRY_OFFER_TRIPPED, 1u);

/* gantry/host/requests.h */
IS(GANTRY_REQUEST_ONE_WAY, 1u);
IS(GANTRY_REQUEST_IN_PROCESS, 2u);
