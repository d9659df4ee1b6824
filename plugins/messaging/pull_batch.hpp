// PullBatch: records of a queue that may be for a pull, as they were read from the log. Looks: those
// of them that a filter is asked about. On the stack of a walk.
#pragma once

#include <gantry/cap/filter.h>
#include <gantry/message.h>

#include <array>
#include <cstdint>

#include "services.hpp"

namespace gantry::messaging {

inline constexpr uint32_t batch_max = 32;

struct PullBatch {
  std::array<gantry_index_entry, batch_max> entries;
  std::array<uint8_t, batch_max> verdicts;
  std::array<uint32_t, batch_max> places;  // in the walk's chunk of entries
  std::array<gantry_slice, batch_max> slices;
  uint32_t count = 0;
  uint32_t slice_count = 0;
};

struct Looks {
  std::array<gantry_message, batch_max> messages;
  std::array<uint32_t, batch_max> places;  // in the batch
  uint32_t count = 0;
};

// The records whose entries don't tell, decoded. What is no message is for nobody: SKIP.
void decode_looks(const Services& services, PullBatch& batch, Looks& looks);

}  // namespace gantry::messaging
