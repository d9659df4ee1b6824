#include "net/peer_link.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/logging.hpp"
#include "net/resolve.hpp"
#include "net/shard_sessions.hpp"

namespace gantry::net {
namespace {

using logging::Level;

// A connection that lasted so long was a good one: the next is tried at once.
constexpr int64_t proven_after_ms = 1'000;

Tcp::endpoint endpoint_of(const Peer& peer) {
  if (peer.address_size == 4) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::copy_n(peer.address.begin(), bytes.size(), bytes.begin());
    return {boost::asio::ip::address_v4(bytes), peer.port};
  }
  boost::asio::ip::address_v6::bytes_type bytes;
  std::copy_n(peer.address.begin(), bytes.size(), bytes.begin());
  return {boost::asio::ip::address_v6(bytes), peer.port};
}

// A port of this machine that nobody listens on may be given to the very socket that dials it.
bool is_own_echo(const Socket& socket) {
  ErrorCode error;
  const Tcp::endpoint own = socket.local_endpoint(error);
  const Tcp::endpoint other = socket.remote_endpoint(error);
  return !error && own == other;
}

}  // namespace

PeerLink::PeerLink(ShardSessions& sessions, runtime::WorkerPool& workers, FrameSink& sink,
                   HostPort address, const PeerOptions& options)
    : Origin(no_door, true, sink,
             {options.frame_bytes_max, options.idle_ms, options.write_queue_bytes_max}),
      sessions_(sessions),
      workers_(workers),
      address_(std::move(address)),
      options_(options) {}

int64_t PeerLink::now_ms() const {
  return static_cast<int64_t>(sessions_.shard().now_ns() / 1'000'000);
}

std::string PeerLink::text() const {
  const bool v6 = address_.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address_.host, address_.port)
            : fmt::format("{}:{}", address_.host, address_.port);
}

void PeerLink::send(PeerRequest&& request) {
  if (state_ == State::open) {
    const uint64_t timeout_ms = request.timeout_ms;
    return push(std::move(request), timeout_ms);
  }
  const bool full = waiting_bytes_ + request.bytes > options_.write_queue_bytes_max;
  if (stopped_ || full) {
    if (full) sessions_.tally().refused_pushes.add();
    const PushEnd end = full ? PushEnd::refused : PushEnd::gone;
    if (!request.then.done) return;
    return request.then.done(request.then.context, {end, nullptr, {}, "the node is stopping"});
  }
  const int64_t due_ms = now_ms() + static_cast<int64_t>(request.timeout_ms);
  if (request.then.done) wake_at(due_ms);
  waiting_bytes_ += request.bytes;
  waiting_.push_back({std::move(request), due_ms});
  if (state_ != State::idle) return;
  if (now_ms() >= not_before_ms_) return begin();
  state_ = State::resting;
  wake_at(not_before_ms_);
}

void PeerLink::begin() {
  ++attempt_;
  attempt_due_ms_ = now_ms() + static_cast<int64_t>(options_.connect_timeout_ms);
  wake_at(attempt_due_ms_);
  candidates_ = literal_address(address_);
  if (candidates_.empty()) return resolve_name();
  state_ = State::connecting;
  connect_next();
}

void PeerLink::resolve_name() {
  state_ = State::resolving;
  ++callbacks_;
  runtime::Shard& shard = sessions_.shard();
  const bool taken = workers_.submit(runtime::Task([this, &shard, attempt = attempt_] {
    auto found = resolve(address_);
    shard.post(runtime::Task([this, attempt, found = std::move(found)]() mutable {
      --callbacks_;
      if (attempt != attempt_ || state_ != State::resolving) return;
      if (!found) return failed(found.error().text);
      candidates_ = std::move(*found);
      std::reverse(candidates_.begin(), candidates_.end());
      state_ = State::connecting;
      connect_next();
    }));
  }));
  if (taken) return;
  --callbacks_;
  failed("no worker is free to look up the name");
}

void PeerLink::connect_next() {
  const Tcp::endpoint to = endpoint_of(candidates_.back());
  socket_.emplace(runtime::io_context_of(sessions_.shard()));
  ++callbacks_;
  socket_->async_connect(to, [this, attempt = attempt_](const ErrorCode& error) {
    --callbacks_;
    if (attempt == attempt_ && state_ == State::connecting) connected(error);
  });
}

void PeerLink::connected(const ErrorCode& error) {
  if (!error && !is_own_echo(*socket_)) return adopt();
  const std::string reason = error ? error.message() : "nobody listens there";
  candidates_.pop_back();
  socket_.reset();
  if (!candidates_.empty()) return connect_next();
  failed(reason);
}

// From here on it is a session as any.
void PeerLink::adopt() {
  ErrorCode error;
  socket_->set_option(Tcp::no_delay(true), error);
  if (!error) socket_->native_non_blocking(true, error);
  const int descriptor = error ? -1 : socket_->release(error);
  if (error) return failed(error.message());
  const Peer peer = candidates_.back();
  socket_.reset();
  candidates_.clear();
  state_ = State::open;
  opened_ms_ = now_ms();
  sessions_.expect();
  session_ = sessions_.adopt(*this, descriptor, peer);
  logging::log(Level::debug, "net", "session {} opened to peer {}", session_.value, text());
  send_waiting();
}

void PeerLink::send_waiting() {
  expire();
  waiting_bytes_ = 0;
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    const int64_t left_ms = waiting.due_ms - now_ms();
    push(std::move(waiting.request), static_cast<uint64_t>(std::max<int64_t>(left_ms, 1)));
  }
}

void PeerLink::push(PeerRequest&& request, uint64_t timeout_ms) {
  sessions_.push(session_, request.opaque, request.frame, timeout_ms, request.then);
}

void PeerLink::ended(SessionId session, std::string_view reason) {
  if (state_ != State::open || session != session_) return;
  state_ = State::idle;
  reason_ = reason;
  session_ = {};
  if (now_ms() - opened_ms_ < proven_after_ms) return back_off();
  failures_ = 0;
  not_before_ms_ = 0;
}

void PeerLink::failed(std::string reason) {
  logging::log(Level::debug, "net", "no connection to peer {}: {}", text(), reason);
  ++attempt_;
  socket_.reset();
  state_ = State::idle;
  reason_ = std::move(reason);
  back_off();
  fail_waiting(PushEnd::gone);
}

void PeerLink::back_off() {
  const uint32_t doublings = std::min(failures_++, 16u);
  const uint64_t delay_ms =
      std::min(options_.reconnect_ms_min << doublings, options_.reconnect_ms_max);
  not_before_ms_ = now_ms() + static_cast<int64_t>(delay_ms);
}

void PeerLink::fail_waiting(PushEnd end) {
  const std::string reason = fmt::format("no connection to {}: {}", text(), reason_);
  waiting_bytes_ = 0;
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    const PushCompletion& then = waiting.request.then;
    if (then.done) then.done(then.context, {end, nullptr, {}, reason});
  }
}

// What waits has its own time limits, whatever becomes of the connection.
void PeerLink::expire() {
  const int64_t now = now_ms();
  const auto late = std::stable_partition(
      waiting_.begin(), waiting_.end(), [now](const Waiting& waiting) {
        return !waiting.request.then.done || waiting.due_ms > now;
      });
  std::vector<Waiting> expired(std::make_move_iterator(late),
                               std::make_move_iterator(waiting_.end()));
  waiting_.erase(late, waiting_.end());
  const std::string reason =
      fmt::format("no connection to {} in time{}{}", text(), failures_ > 0 ? ": " : "",
                  failures_ > 0 ? reason_ : "");
  for (const Waiting& waiting : expired) {
    waiting_bytes_ -= waiting.request.bytes;
    waiting.request.then.done(waiting.request.then.context, {PushEnd::gone, nullptr, {}, reason});
  }
}

void PeerLink::stop() {
  if (std::exchange(stopped_, true)) return;
  const bool open = state_ == State::open;
  ++attempt_;
  socket_.reset();
  if (!open) state_ = State::idle;
  reason_ = "the node is stopping";
  fail_waiting(PushEnd::gone);
  if (Connection* connection = open ? sessions_.find(session_) : nullptr) {
    connection->close(reason_);
  }
}

// Timers are not called off: one that comes for nothing finds nothing due.
void PeerLink::wake_at(int64_t due_ms) {
  const auto done = [](void* self, runtime::TimerEnd end) {
    auto& link = *static_cast<PeerLink*>(self);
    --link.callbacks_;
    if (end == runtime::TimerEnd::due) link.on_timer();
  };
  if (sessions_.shard().arm({due_ms}, {done, this}).value != 0) ++callbacks_;
}

void PeerLink::on_timer() {
  const int64_t now = now_ms();
  expire();
  if (state_ == State::resting && now >= not_before_ms_) {
    if (!waiting_.empty()) return begin();
    state_ = State::idle;
  }
  const bool trying = state_ == State::resolving || state_ == State::connecting;
  if (trying && now >= attempt_due_ms_) {
    failed(fmt::format("not connected within {} ms", options_.connect_timeout_ms));
  }
}

}  // namespace gantry::net
