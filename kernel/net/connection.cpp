#include "net/connection.hpp"

#include <sys/socket.h>

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
                       Socket socket)
    : Session(id, owner.shard().index(), origin.number(), peer),
      owner_(owner),
      origin_(origin),
      socket_(std::move(socket)),
      reader_(origin.limits().frame_bytes_max) {
  touch();
}

Connection::~Connection() = default;

void Connection::open() { wait_readable(); }

void Connection::touch() { active_ns_ = owner_.shard().now_ns(); }

bool Connection::idle_since(uint64_t now_ns) const {
  return now_ns >= active_ns_ + origin_.limits().idle_ms * 1'000'000;
}

bool Connection::output_full() const {
  return queued_bytes() > origin_.limits().write_queue_bytes_max;
}

void Connection::wait_readable() {
  if (waiting_readable_ || closed_) return;
  waiting_readable_ = true;
  ++waits_;
  socket_.async_wait(Socket::wait_read, [this](const ErrorCode&) {
    waiting_readable_ = false;
    --waits_;
    if (closed_) return owner_.reap_later();
    on_readable();
  });
}

void Connection::wait_writable() {
  if (waiting_writable_ || closed_) return;
  waiting_writable_ = true;
  ++waits_;
  socket_.async_wait(Socket::wait_write, [this](const ErrorCode&) {
    waiting_writable_ = false;
    --waits_;
    if (closed_) return owner_.reap_later();
    on_writable();
  });
}

void Connection::on_readable() {
  if (draining_) {
    discard();
  } else {
    for (int i = 0; i < reads_per_wake_max && read_once(); ++i) {
    }
  }
  if (!paused_) wait_readable();
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

  const ssize_t got = ::recvmsg(socket_.native_handle(), &message, 0);
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
  if (handle_frames()) wait_readable();
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
  if (waiting_writable_ || closed_) return;
  std::array<iovec, runs_per_write_max> from;
  while (output_ && !output_->empty()) {
    msghdr message{};
    message.msg_iov = from.data();
    message.msg_iovlen = static_cast<size_t>(output_->gather(from));
    const ssize_t put = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable();
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
  if (paused_ && queued_bytes() <= origin_.limits().write_queue_bytes_max / 2) resume_reading();
}

void Connection::drain() {
  if (closed_ || draining_) return;
  draining_ = true;
  paused_ = false;
  flush();
  wait_readable();
}

// Everything is written: the client sees the end of the stream after the last answer. The socket is
// kept until the client closes too, since closing it with unread requests would reset the
// connection and could take the answers with it.
void Connection::half_close() {
  if (half_closed_ || closed_) return;
  half_closed_ = true;
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Connection::discard() {
  const auto buffer = owner_.read_buffer();
  const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
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
  ErrorCode ignored;
  socket_.close(ignored);  // its waits come back cancelled
  if (output_) {
    output_->clear();
    owner_.give_back(std::move(output_));
  }
  owner_.closed(*this);
}

}  // namespace gantry::net
