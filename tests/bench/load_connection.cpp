#include "load_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>

namespace gantry::bench {
namespace {

constexpr size_t runs_per_write_max = 64;

}  // namespace

LoadConnection::LoadConnection(Socket socket, const RequestShape& shape, uint32_t depth,
                               uint32_t first_number)
    : socket_(std::move(socket)),
      shape_(shape),
      frame_bytes_(shape.bytes().size()),
      slots_(depth),
      number_(first_number),
      ring_(depth),
      free_end_(depth) {
  for (uint32_t i = 0; i < depth; ++i) {
    frames_.insert(frames_.end(), shape.bytes().begin(), shape.bytes().end());
  }
  std::iota(ring_.begin(), ring_.end(), 0u);
}

void LoadConnection::start(uint64_t due_ns, std::string_view born_ms) {
  const uint32_t index = ring_at(to_write_end_++);
  Slot& slot = slots_[index];
  const auto depth = static_cast<int32_t>(slots_.size());
  if (++slot.uses >= (opaque_max - opaque_min) / depth) slot.uses = 0;
  slot.opaque = opaque_min + slot.uses * depth + static_cast<int32_t>(index);
  slot.due_ns = due_ns;
  ++in_flight_;
  shape_.stamp(frame_of(index), slot.opaque, number_++, born_ms);
}

Outcome<void> LoadConnection::write() {
  while (to_write_begin_ != to_write_end_) {
    std::array<iovec, runs_per_write_max> runs;
    size_t count = 0;
    for (uint64_t place = to_write_begin_; place != to_write_end_; ++place) {
      uint8_t* const frame = frame_of(ring_at(place));
      if (count > 0 &&
          frame == static_cast<uint8_t*>(runs[count - 1].iov_base) + runs[count - 1].iov_len) {
        runs[count - 1].iov_len += frame_bytes_;
        continue;
      }
      if (count == runs.size()) break;
      const uint64_t skip = place == to_write_begin_ ? written_of_first_ : 0;
      runs[count++] = {frame + skip, frame_bytes_ - skip};
    }
    msghdr message{};
    message.msg_iov = runs.data();
    message.msg_iovlen = count;
    const ssize_t put = ::sendmsg(socket_.descriptor(), &message, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      return fail(fmt::format("the server ended a connection: {}", std::strerror(errno)));
    }
    written_of_first_ += static_cast<uint64_t>(put);
    to_write_begin_ += written_of_first_ / frame_bytes_;
    written_of_first_ %= frame_bytes_;
  }
  return boost::system::in_place_value;
}

Outcome<void> LoadConnection::read(std::span<uint8_t> buffer, AnswerReader& answers,
                                   std::vector<Answered>& answered) {
  answered.clear();
  const size_t kept = partial_.size();
  std::copy(partial_.begin(), partial_.end(), buffer.begin());
  const ssize_t got = ::recv(socket_.descriptor(), buffer.data() + kept, buffer.size() - kept, 0);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return boost::system::in_place_value;
  if (got < 0) return fail(fmt::format("the server ended a connection: {}", std::strerror(errno)));
  if (got == 0) return fail("the server closed a connection");
  Bytes rest = buffer.first(kept + static_cast<size_t>(got));
  for (;;) {
    const wire::NextFrame next = wire::next_frame(rest, buffer.size());
    if (next.status == wire::FrameStatus::malformed) {
      return fail(fmt::format("a malformed answer: {}", next.error.message()));
    }
    if (next.status == wire::FrameStatus::incomplete) break;
    if (auto taken = take(next.frame, answers, answered); !taken) return taken;
    rest = rest.subspan(next.frame.size);
  }
  partial_.assign(rest.begin(), rest.end());
  return boost::system::in_place_value;
}

Outcome<void> LoadConnection::take(const wire::Frame& frame, AnswerReader& answers,
                                   std::vector<Answered>& answered) {
  Answer answer;
  if (const ErrorCode error = answers.read(frame, answer)) {
    return fail(fmt::format("an answer that can't be read: {}", error.message()));
  }
  const auto index = static_cast<size_t>(answer.opaque - opaque_min) % slots_.size();
  if (answer.opaque < opaque_min || slots_[index].opaque != answer.opaque) {
    return fail(fmt::format("an answer to {}, which nobody asked", answer.opaque));
  }
  if (answer.code != 0 && answer.code != busy_code) {
    return fail(fmt::format("answered {} '{}'", answer.code, answers.remark(frame)));
  }
  answered.push_back({slots_[index].due_ns, answer.code});
  slots_[index].opaque = 0;
  ring_[free_end_++ % ring_.size()] = static_cast<uint32_t>(index);
  --in_flight_;
  return boost::system::in_place_value;
}

}  // namespace gantry::bench
