// QueueReader: what the bound queue index says of a queue, and which records count as in memory.
// Owned by the Broker; holds nothing; any thread.
#pragma once

#include <gantry/cap/queue_index.h>

#include <span>
#include <string_view>

#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class QueueReader {
 public:
  QueueReader(const Services& services, const Options& options, gantry_binding* index)
      : services_(services), options_(options), index_(index) {}

  // {0, 0} for a queue without entries. REFUSED while no index is running.
  gantry_status bounds(const gantry_call& call, std::string_view topic, int32_t queue_id,
                       gantry_queue_bounds& out) const;
  // The same on the control thread.
  gantry_status bounds(std::string_view topic, int32_t queue_id, gantry_queue_bounds& out) const;
  // As gantry_queue_index.read; count entries of the span are filled.
  gantry_status entries(const gantry_call& call, std::string_view topic, int32_t queue_id,
                        int64_t from, bool may_block, std::span<gantry_index_entry> out,
                        uint32_t& count) const;
  // As gantry_queue_index.at_time; 0 for a queue without entries. On workers.
  gantry_status at_time(const gantry_call& call, std::string_view topic, int32_t queue_id,
                        bool upper, int64_t time_ms, int64_t& out) const;
  // Records from here on are near enough to the log's end to be in memory.
  int64_t memory_begin() const;
  // Whether the queue's first record is there and in memory, which makes a new group start at 0.
  gantry_status head_in_memory(const gantry_call& call, std::string_view topic, int32_t queue_id,
                               bool may_block, bool& out) const;

 private:
  gantry_status bounds(const gantry_call* call, std::string_view topic, int32_t queue_id,
                       gantry_queue_bounds& out) const;

  const Services& services_;
  const Options& options_;
  gantry_binding* const index_;
};

}  // namespace gantry::messaging
