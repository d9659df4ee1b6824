#include "pull_batch.hpp"

#include <algorithm>

namespace gantry::messaging {
namespace {

constexpr uint64_t line_bytes = 64;
constexpr uint64_t head_bytes = 2 * line_bytes;
constexpr uint64_t tail_bytes = 5 * line_bytes;  // topic and properties of most messages

// By loads: prefetches of the same lines gained nothing.
void fetch(const uint8_t* from, const uint8_t* to) {
  for (const volatile uint8_t* at = from; at < to; at += line_bytes) static_cast<void>(*at);
}

// Nobody has looked at most of these records lately, and what is looked at of each lies at its ends:
// asked for together, the core waits for many of them at once.
void fetch_ends(const uint8_t* record, uint64_t size) {
  const uint8_t* const end = record + size;
  fetch(record, record + std::min(head_bytes, size));
  if (size > head_bytes) fetch(end - std::min(tail_bytes, size - head_bytes), end);
}

}  // namespace

void decode_looks(const Services& services, PullBatch& batch, Looks& looks) {
  std::array<const uint8_t*, batch_max> records;
  uint32_t slice = 0;
  uint64_t at = 0;  // in the slice
  for (uint32_t i = 0; i < batch.count; ++i) {
    if (at == batch.slices[slice].size) {
      ++slice;
      at = 0;
    }
    records[i] = batch.slices[slice].data + at;
    const auto size = static_cast<uint64_t>(batch.entries[i].size);
    if (batch.verdicts[i] != GANTRY_VERDICT_DELIVER) fetch_ends(records[i], size);
    at += size;
  }
  for (uint32_t i = 0; i < batch.count; ++i) {
    if (batch.verdicts[i] == GANTRY_VERDICT_DELIVER) continue;
    gantry_message& message = looks.messages[looks.count];
    message.struct_size = sizeof message;
    const gantry_bytes record{records[i], static_cast<uint64_t>(batch.entries[i].size)};
    if (services.commitlog.decode(services.host, record, 0, &message) == GANTRY_OK) {
      looks.places[looks.count++] = i;
    } else {
      batch.verdicts[i] = GANTRY_VERDICT_SKIP;
    }
  }
}

}  // namespace gantry::messaging
