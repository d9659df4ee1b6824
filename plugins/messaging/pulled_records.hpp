// PulledRecords: what a pull found, as slices of the log, each with a reference. Owned by the
// outcome of the pull; it releases what nobody has taken. One thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "services.hpp"

namespace gantry::messaging {

inline constexpr int32_t pull_messages_bound = 256;

class PulledRecords {
 public:
  explicit PulledRecords(const Services& services) : services_(&services) {}
  PulledRecords(PulledRecords&& other) noexcept
      : services_(other.services_), count_(other.count_) {
    std::copy_n(other.slices_.begin(), count_, slices_.begin());
    other.count_ = 0;
  }
  PulledRecords& operator=(PulledRecords&&) = delete;
  ~PulledRecords() {
    for (const gantry_slice& slice : std::span(slices_).first(count_)) {
      services_->buffers.release(services_->host, slice.buffer);
    }
  }

  // With a reference of its own. At most pull_messages_bound of them.
  void add(const gantry_slice& slice) { slices_[count_++] = slice; }
  // The last one goes on for so much.
  void extend(uint64_t bytes) { slices_[count_ - 1].size += bytes; }
  // Their references are the caller's now. Valid as long as this is.
  std::span<const gantry_slice> take() {
    return std::span(slices_).first(std::exchange(count_, 0));
  }

 private:
  const Services* services_;
  uint32_t count_ = 0;
  std::array<gantry_slice, pull_messages_bound> slices_;
};

}  // namespace gantry::messaging
