#include "dispatch/consumer_entry.hpp"

namespace gantry::dispatch {

Status ConsumerEntry::feed(Call& call, std::span<const commitlog::RecordView> views, int64_t end) {
  while (!views.empty() && views.front().log_offset.value < position) views = views.subspan(1);
  while (!views.empty() && views.back().log_offset.value >= end) {
    views = views.first(views.size() - 1);
  }
  while (!views.empty()) {
    uint32_t consumed = 0;
    const Status status = consumer->consume(call, views, consumed);
    consumed = std::min<uint32_t>(consumed, static_cast<uint32_t>(views.size()));
    if (consumed > 0) {
      position = views[consumed - 1].log_end().value;
      attempts = 0;
      views = views.subspan(consumed);
    }
    if (status != Status::ok) return status;
    if (consumed == 0) {
      call.error.set(Status::fault, "it took no record and gave no error");
      return Status::fault;
    }
  }
  return Status::ok;
}

}  // namespace gantry::dispatch
