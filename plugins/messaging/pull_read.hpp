// PullRead: what a queue has at an offset: which of RocketMQ's cases it is, and the records as
// slices of the log. Owned by the Broker; holds nothing; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "options.hpp"
#include "queue_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

inline constexpr int32_t pull_messages_bound = 256;

struct PullOutcome {
  gantry_status status = GANTRY_OK;  // WOULD_BLOCK: ask again on a worker; else below 0: a failure
  int32_t code = 0;
  std::string_view name;  // FOUND, OFFSET_OVERFLOW_ONE, ...
  int64_t next = 0;
  gantry_queue_bounds bounds{};
  uint32_t slice_count = 0;
  // Records, each with a reference that whoever got this gives to a response or releases.
  std::array<gantry_slice, pull_messages_bound> slices;
};

struct PullWanted {
  std::string_view topic;
  int32_t queue_id = 0;
  int64_t offset = 0;
  int32_t messages_max = 0;
};

class PullRead {
 public:
  PullRead(const Services& services, const Options& options, const QueueReader& queues)
      : services_(services), options_(options), queues_(queues) {}

  void read(const gantry_call& call, const PullWanted& wanted, bool may_block,
            PullOutcome& out) const;

 private:
  using Entries = std::array<gantry_index_entry, pull_messages_bound>;
  // Fills code, name and next for an offset outside [min, max); false inside.
  static bool is_outside(int64_t offset, PullOutcome& out);
  uint32_t limit(const Entries& entries, uint32_t count, int32_t messages_max) const;
  void read_log(const PullWanted& wanted, const Entries& entries, uint32_t count, bool may_block,
                PullOutcome& out) const;

  const Services& services_;
  const Options& options_;
  const QueueReader& queues_;
};

}  // namespace gantry::messaging
