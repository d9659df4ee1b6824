#include "queue_reader.hpp"

namespace gantry::messaging {

gantry_status QueueReader::bounds(const gantry_call* call, std::string_view topic, int32_t queue_id,
                                  gantry_queue_bounds& out) const {
  out = {0, 0};
  sdk::Lease<gantry_queue_index> index(services_.capabilities, index_, call);
  if (!index) return GANTRY_REFUSED;
  const gantry_status status =
      index.end(index->bounds(index.self(), call, sdk::str(topic), queue_id, &out));
  return status == GANTRY_GONE ? GANTRY_OK : status;
}

gantry_status QueueReader::bounds(const gantry_call& call, std::string_view topic, int32_t queue_id,
                                  gantry_queue_bounds& out) const {
  return bounds(&call, topic, queue_id, out);
}

gantry_status QueueReader::bounds(std::string_view topic, int32_t queue_id,
                                  gantry_queue_bounds& out) const {
  return bounds(nullptr, topic, queue_id, out);
}

gantry_status QueueReader::entries(const gantry_call& call, std::string_view topic,
                                   int32_t queue_id, int64_t from, bool may_block,
                                   std::span<gantry_index_entry> out, uint32_t& count) const {
  count = 0;
  sdk::Lease<gantry_queue_index> index(services_.capabilities, index_, &call);
  if (!index) return GANTRY_REFUSED;
  return index.end(index->read(index.self(), &call, sdk::str(topic), queue_id, may_block ? 1 : 0,
                               from, out.data(), static_cast<uint32_t>(out.size()), &count));
}

gantry_status QueueReader::at_time(const gantry_call& call, std::string_view topic,
                                   int32_t queue_id, bool upper, int64_t time_ms,
                                   int64_t& out) const {
  out = 0;
  sdk::Lease<gantry_queue_index> index(services_.capabilities, index_, &call);
  if (!index) return GANTRY_REFUSED;
  const gantry_status status = index.end(
      index->at_time(index.self(), &call, sdk::str(topic), queue_id, upper ? 1 : 0, time_ms, &out));
  return status == GANTRY_GONE ? GANTRY_OK : status;
}

int64_t QueueReader::memory_begin() const {
  return services_.commitlog.mark(services_.host, GANTRY_MARK_APPENDED) - options_.memory_bytes;
}

gantry_status QueueReader::head_in_memory(const gantry_call& call, std::string_view topic,
                                          int32_t queue_id, bool may_block, bool& out) const {
  out = false;
  gantry_index_entry head{};
  uint32_t count = 0;
  const gantry_status status = entries(call, topic, queue_id, 0, may_block, {&head, 1}, count);
  if (status == GANTRY_GONE) return GANTRY_OK;
  out = status == GANTRY_OK && count > 0 && head.log_offset >= memory_begin();
  return status;
}

}  // namespace gantry::messaging
