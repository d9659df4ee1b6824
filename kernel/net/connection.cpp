#include "net/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/logging.hpp"
#include "net/shard_sessions.hpp"

namespace gantry::net {
namespace {

using logging::Level;

// One connection that is always readable gives way to its neighbours after this many reads.
constexpr int reads_per_wake_max = 4;
constexpr size_t runs_per_write_max = 64;

}  // namespace

Connection::Connection(ShardSessions& owner, Origin& origin, SessionId id, const Peer& peer,
                       int descriptor)
    : Session(id, owner.shard().index(), origin.number(), peer),
      owner_(owner),
      origin_(origin),
      descriptor_(descriptor),
      reader_(origin.limits().frame_bytes_max) {
  touch();
}

Connection::~Connection() {
  if (!closed_) ::close(descriptor_);
}

void Connection::open() {
  if (closed_) return;
  asked_reads_ = !paused_;
  asked_writes_ = blocked_;
  const ErrorCode error =
      owner_.ready_set().add(descriptor_, *this, asked_reads_, asked_writes_);
  if (error) close(error.message());
}

void Connection::touch() { active_ns_ = owner_.shard().now_ns(); }

bool Connection::idle_since(uint64_t now_ns) const {
  return now_ns >= active_ns_ + origin_.limits().idle_ms * 1'000'000;
}

bool Connection::output_full() const {
  return queued_bytes() > origin_.limits().write_queue_bytes_max;
}

void Connection::on_ready(bool readable, bool writable) {
  if (closed_) return;  // by another member, in this look
  if (writable && blocked_) {
    blocked_ = false;
    on_writable();
  }
  if (readable && paused_ && !closed_) {  // not asked for: the socket broke
    return close_now("closed by the other end, before it read its answers");
  }
  if (readable && !closed_) on_readable();
  ask();
}

// Reading and waiting as far as the state wants it; a system call only where that changed.
void Connection::ask() {
  const bool reads = !paused_;
  if (closed_ || (reads == asked_reads_ && blocked_ == asked_writes_)) return;
  asked_reads_ = reads;
  asked_writes_ = blocked_;
  owner_.ready_set().change(descriptor_, *this, reads, blocked_);
}

void Connection::on_readable() {
  if (draining_) return discard();
  for (int i = 0; i < reads_per_wake_max && read_once(); ++i) {
  }
}

// Reads once, handles every frame that is complete, answers in one write. True if there may be
// more.
bool Connection::read_once() {
  std::array<iovec, 2> into;
  msghdr message{};
  message.msg_iov = into.data();
  message.msg_iovlen = static_cast<size_t>(reader_.targets(owner_.read_buffer(), into));
  uint64_t room = 0;
  for (size_t i = 0; i < message.msg_iovlen; ++i) room += into[i].iov_len;

  const ssize_t got = ::recvmsg(descriptor_, &message, MSG_DONTWAIT);
  if (got < 0) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) close_now(std::strerror(errno));
    return false;
  }
  if (got == 0) {
    close_now("closed by the other end");
    return false;
  }
  const auto bytes = static_cast<uint64_t>(got);
  owner_.tally().reads.add();
  owner_.tally().bytes_read.add(bytes);
  touch();
  reader_.received(owner_.read_buffer(), bytes);
  return handle_frames() && bytes == room;
}

// False if no more is to be read for now: closed, or stopped by its own output.
bool Connection::handle_frames() {
  handling_ = true;
  while (!closed_ && !draining_) {
    const FrameReader::Next next = reader_.next();
    if (next.status == FrameReader::Status::more) break;
    if (next.status == FrameReader::Status::malformed) {
      malformed(next.error);
      break;
    }
    handle(next);
    if (output_full()) flush();
    if (!closed_ && output_full()) {
      pause();
      break;
    }
  }
  handling_ = false;
  if (closed_) {
    owner_.reap_later();
    return false;
  }
  flush();
  return !closed_ && !paused_ && !draining_;
}

void Connection::handle(const FrameReader::Next& next) {
  owner_.tally().frames.add();
  wire::Header header;
  if (const ErrorCode error = wire::decode_header(next.frame, owner_.scratch(), header)) {
    return malformed(error);
  }
  if (wire::is_response(header)) return owner_.response(*this, header, next.frame.body);
  origin_.sink().on_request(*this, InFrame{header, next.frame.serialize, next.frame.body,
                                           next.bytes, next.holding});
}

void Connection::malformed(const ErrorCode& error) {
  owner_.tally().malformed.add();
  logging::log(Level::debug, "net", "session {} ({}): malformed frame, {}; {} so far on this shard",
               id().value, peer().text(), error.message(), owner_.tally().malformed.get());
  close("malformed frame");
}

void Connection::pause() {
  paused_ = true;
  reader_.put_aside();
  owner_.tally().paused.add();
}

void Connection::resume_reading() {
  paused_ = false;
  reader_.resume();
  handle_frames();
  ask();
}

void Connection::send(Bytes head, std::span<Slice> body) {
  if (closed_ || half_closed_) {
    for (Slice& slice : body) slice = {};
    owner_.tally().dropped_sends.add();
    return;
  }
  if (!output_) output_ = owner_.borrow_output();
  output_->append_copy(head);
  for (Slice& slice : body) output_->append(std::move(slice));
  if (handling_ || dirty_) return;
  dirty_ = true;
  owner_.flush_later(*this);
}

void Connection::flush_at_turn_end() {
  dirty_ = false;
  if (closed_) return owner_.reap_later();
  flush();
}

void Connection::flush() {
  if (blocked_ || closed_) return;
  std::array<iovec, runs_per_write_max> from;
  while (output_ && !output_->empty()) {
    msghdr message{};
    message.msg_iov = from.data();
    message.msg_iovlen = static_cast<size_t>(output_->gather(from));
    const ssize_t put = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        blocked_ = true;
        return ask();
      }
      return close_now(std::strerror(errno));
    }
    owner_.tally().writes.add();
    owner_.tally().bytes_written.add(static_cast<uint64_t>(put));
    touch();
    output_->consume(static_cast<uint64_t>(put));
  }
  if (output_) owner_.give_back(std::move(output_));
  if (draining_) half_close();
}

void Connection::on_writable() {
  flush();
  if (closed_ || draining_) return;
  // Half the limit, so that a slow client isn't stopped and started for every frame.
  if (paused_ && serving_ && queued_bytes() <= origin_.limits().write_queue_bytes_max / 2) resume_reading();
}

void Connection::stop_serving() {
  if (closed_ || !serving_) return;
  serving_ = false;
  if (!paused_) reader_.put_aside();
  paused_ = true;
  ask();
}

void Connection::drain() {
  if (closed_ || draining_) return;
  draining_ = true;
  paused_ = false;
  flush();
  ask();
}

// Everything is written: the client sees the end of the stream after the last answer. The socket is
// kept until the client closes too, since closing it with unread requests would reset the
// connection and could take the answers with it.
void Connection::half_close() {
  if (half_closed_ || closed_) return;
  half_closed_ = true;
  ::shutdown(descriptor_, SHUT_WR);
}

void Connection::discard() {
  const auto buffer = owner_.read_buffer();
  const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got > 0) return;
  if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return;
  close_now("drained");
}

void Connection::close(std::string_view reason) {
  flush();
  close_now(reason);
}

void Connection::close_now(std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  close_reason_ = reason;
  logging::log(Level::debug, "net", "session {} ({}) closed: {}", id().value, peer().text(),
               reason);
  ::close(descriptor_);
  if (output_) {
    output_->clear();
    owner_.give_back(std::move(output_));
  }
  owner_.closed(*this);
}

}  // namespace gantry::net
