#include "record_reader.hpp"

#include <gantry/host/commitlog.h>

namespace gantry::messaging {
namespace {

constexpr uint32_t may_block = 1;
constexpr uint32_t size_bytes = 4;
constexpr uint32_t record_bytes_max = 16u << 20;  // a frame holds no larger one

uint32_t big_endian(const uint8_t* bytes) {
  uint32_t value = 0;
  __builtin_memcpy(&value, bytes, sizeof value);
  return __builtin_bswap32(value);
}

}  // namespace

std::optional<PinnedRecord> RecordReader::read(int64_t log_offset) const {
  if (log_offset < 0) return std::nullopt;
  const auto bytes_at = [&](uint32_t size) -> std::optional<PinnedRecord> {
    gantry_slice slice{};
    const gantry_status status =
        services_.commitlog.read(services_.host, log_offset, size, may_block, &slice);
    if (status != GANTRY_OK) return std::nullopt;
    return PinnedRecord(services_, slice);
  };
  const auto head = bytes_at(size_bytes);
  if (!head) return std::nullopt;
  const uint32_t size = big_endian(head->slice().data);
  if (size <= size_bytes || size > record_bytes_max) return std::nullopt;
  auto whole = bytes_at(size);
  if (!whole) return std::nullopt;
  const gantry_bytes bytes{whole->slice().data, whole->slice().size};
  whole->message.struct_size = sizeof whole->message;
  const gantry_status decoded =
      services_.commitlog.decode(services_.host, bytes, GANTRY_DECODE_CHECK, &whole->message);
  // Bytes in the middle of a record may look like one, but they don't tell this place.
  if (decoded != GANTRY_OK || whole->message.log_offset != log_offset) return std::nullopt;
  return whole;
}

std::optional<int64_t> stored_ms(const gantry_call& call, const QueueReader& queues,
                                 const RecordReader& records, std::string_view topic,
                                 int32_t queue_id, int64_t offset) {
  gantry_index_entry entry{};
  uint32_t count = 0;
  if (offset < 0) return std::nullopt;
  const gantry_status status =
      queues.entries(call, topic, queue_id, offset, true, {&entry, 1}, count);
  if (status != GANTRY_OK || count == 0) return std::nullopt;
  const auto record = records.read(entry.log_offset);
  if (!record) return std::nullopt;
  return record->message.stored_ms;
}

}  // namespace gantry::messaging
