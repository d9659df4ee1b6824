// At a start a group may stand above its queue's end: the log lost its unsynced tail in a crash,
// and the offsets did not. Left there, the group would never see what comes next; so it is set to
// the end, and the log tells. [control], once the queue index has consumed the log.
#pragma once

#include "offset_table.hpp"
#include "queue_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

void bring_offsets_within_queues(const Services& services, const QueueReader& queues,
                                 OffsetTable& offsets);

}  // namespace gantry::messaging
