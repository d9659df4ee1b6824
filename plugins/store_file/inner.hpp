// What a record's properties say of further numbers: an inner batch takes several in its queue, a
// record for light queues one in each of them. Borrowed from the message. Pure functions.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::store_file {

// Half messages and rollbacks carry no queue offset of their own.
bool takes_queue_offset(const gantry_message& message);

struct InnerBatch {
  int64_t base;   // its first queue offset
  int32_t count;  // how many it takes
};

// Nothing when the record is none, or its properties don't say what a batch must.
std::optional<InnerBatch> inner_batch(const gantry_message& message);

struct LightQueue {
  std::string_view name;
  int64_t queue_offset;
};

// Empty for a record that belongs to none, or whose names and numbers don't match.
std::vector<LightQueue> light_queues(const gantry_message& message);

}  // namespace gantry::store_file
