// RecordReader: one record of the log by its place. Owned by the Broker; holds nothing; reads may
// wait for a disk, so on workers.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "queue_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

// A record's bytes, pinned in the log. take() gives the pin away, to an answer.
class PinnedRecord {
 public:
  PinnedRecord(const Services& services, const gantry_slice& slice)
      : services_(&services), slice_(slice) {}
  PinnedRecord(PinnedRecord&& other) noexcept
      : message(other.message),
        services_(other.services_),
        slice_(std::exchange(other.slice_, gantry_slice{})) {}
  PinnedRecord& operator=(PinnedRecord&&) = delete;
  ~PinnedRecord() {
    if (slice_.buffer) services_->buffers.release(services_->host, slice_.buffer);
  }

  gantry_slice take() { return std::exchange(slice_, gantry_slice{}); }
  const gantry_slice& slice() const { return slice_; }

  gantry_message message{};  // its views borrow from the slice

 private:
  const Services* services_;
  gantry_slice slice_;
};

class RecordReader {
 public:
  explicit RecordReader(const Services& services) : services_(services) {}

  // The record that begins there, checked by its CRC; nothing when none does.
  std::optional<PinnedRecord> read(int64_t log_offset) const;

 private:
  const Services& services_;
};

// When the record at a queue's offset was stored; nothing when there is none.
std::optional<int64_t> stored_ms(const gantry_call& call, const QueueReader& queues,
                                 const RecordReader& records, std::string_view topic,
                                 int32_t queue_id, int64_t offset);

}  // namespace gantry::messaging
