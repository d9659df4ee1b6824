// LogIndex: a gantry.queue_index that looks through the fake log, for modules that need one. Owned
// by a Rig, which also owns the log.
#pragma once

#include <gantry/cap/queue_index.h>

#include <string_view>
#include <vector>

#include "cpp/fake/log.hpp"

namespace gantry::sdk::check {

class LogIndex {
 public:
  explicit LogIndex(const fake::Log& log) : log_(log) {}

  gantry_status read(const gantry_call* call, gantry_str topic, int32_t queue_id, bool may_block,
                     int64_t from, gantry_index_entry* entries, uint32_t capacity, uint32_t& count);
  gantry_status bounds(const gantry_call* call, gantry_str topic, int32_t queue_id,
                       gantry_queue_bounds& out);
  gantry_status at_time(const gantry_call& call, gantry_str topic, int32_t queue_id, bool upper,
                        int64_t time_ms, int64_t& queue_offset);

 private:
  std::vector<gantry_message> queue(gantry_str topic, int32_t queue_id) const;

  const fake::Log& log_;
};

}  // namespace gantry::sdk::check
