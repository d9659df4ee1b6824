#include "net/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gantry::net {
namespace {

// Unlike assigning {}, which keeps the capacity.
void free_memory(std::vector<uint8_t>& bytes) { std::vector<uint8_t>().swap(bytes); }

constexpr uint64_t direct_read_bytes_min = 16 * 1024;
constexpr uint64_t large_frame_bytes_min = 16 * 1024;

}  // namespace

int FrameReader::targets(std::span<uint8_t> shared, std::span<iovec, 2> out) {
  int count = 0;
  if (partial_ && partial_->size() - filled_ >= direct_read_bytes_min) {
    out[count++] = {partial_->data() + filled_, partial_->size() - filled_};
  }
  out[count++] = {shared.data(), shared.size()};
  return count;
}

void FrameReader::received(std::span<uint8_t> shared, uint64_t bytes) {
  if (partial_ && partial_->size() - filled_ >= direct_read_bytes_min) {
    const uint64_t direct = std::min(bytes, partial_->size() - filled_);
    filled_ += direct;
    bytes -= direct;
  }
  unread_ = shared.first(bytes);
}

FrameReader::Next FrameReader::next() {
  finished_ = {};
  if (partial_) return next_of_partial();
  const wire::NextFrame found = wire::next_frame(unread_, frame_bytes_max_);
  if (found.status == wire::FrameStatus::complete) {
    const Bytes bytes = unread_.first(found.frame.size);
    unread_ = unread_.subspan(found.frame.size);
    return {Status::frame, found.frame, bytes, nullptr, {}};
  }
  if (found.status == wire::FrameStatus::malformed) return malformed(found.error);
  return unread_.empty() ? more() : next_of_partial();
}

FrameReader::Next FrameReader::more() {
  free_memory(current_aside_);
  return {Status::more, {}, {}, nullptr, {}};
}

FrameReader::Next FrameReader::malformed(const ErrorCode& error) {
  return {Status::malformed, {}, {}, nullptr, error};
}

// Tops the unfinished frame up with what was read: its prefix first, which says how large it is.
FrameReader::Next FrameReader::next_of_partial() {
  if (total_ == 0) {
    const bool prefix = fill(wire::prefix_bytes);
    const auto found = wire::next_frame({partial_->data(), filled_}, frame_bytes_max_);
    if (found.status == wire::FrameStatus::malformed) return malformed(found.error);
    if (!prefix) return more();
    total_ = found.status == wire::FrameStatus::complete ? found.frame.size : found.needed;
  }
  if (!fill(total_)) return more();
  finished_ = std::move(partial_);
  const Bytes bytes(finished_->data(), total_);
  filled_ = total_ = 0;
  const auto found = wire::next_frame(bytes, frame_bytes_max_);
  if (found.status != wire::FrameStatus::complete) return malformed(found.error);
  return {Status::frame, found.frame, bytes, finished_.get(), {}};
}

// Copies until the unfinished frame has `wanted` bytes; false if there is less.
bool FrameReader::fill(uint64_t wanted) {
  const auto step = std::min<uint64_t>(wanted - filled_, unread_.size());
  reserve(filled_ + step, wanted);
  if (step > 0) std::memcpy(partial_->data() + filled_, unread_.data(), step);
  filled_ += step;
  unread_ = unread_.subspan(step);
  return filled_ == wanted;
}

// Small frames get their exact size at once, large ones grow with what has arrived.
void FrameReader::reserve(uint64_t bytes, uint64_t wanted) {
  uint64_t capacity = wanted;
  if (wanted > large_frame_bytes_min) {
    capacity = std::min(wanted, std::max(large_frame_bytes_min, 2 * bytes));
  }
  if (partial_ && partial_->size() >= bytes && (filled_ < partial_->size() || bytes == wanted)) {
    return;
  }
  BufferRef larger = make_buffer(capacity);
  if (filled_ > 0) std::memcpy(larger->data(), partial_->data(), filled_);
  partial_ = std::move(larger);
}

void FrameReader::put_aside() {
  // Unread bytes may lie in current_aside_ itself, so the copy is made before that is dropped.
  aside_ = std::vector<uint8_t>(unread_.begin(), unread_.end());
  free_memory(current_aside_);
  unread_ = {};
  finished_ = {};
}

void FrameReader::resume() {
  current_aside_.swap(aside_);
  free_memory(aside_);
  unread_ = current_aside_;
}

}  // namespace gantry::net
