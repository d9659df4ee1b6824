#include "net/shard_sessions.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace gantry::net {
namespace {

constexpr uint64_t read_buffer_bytes = 64 * 1024;
constexpr size_t spare_outputs_max = 64;
constexpr uint64_t spare_output_bytes_max = 64 * 1024;
constexpr int64_t trim_after_ms = 1000;  // a crowd takes a while to leave

}  // namespace

ShardSessions::ShardSessions(runtime::Shard& shard, OpenSessions& open)
    : shard_(shard), open_(open), ready_set_(shard), read_buffer_(read_buffer_bytes) {}

ShardSessions::~ShardSessions() = default;

SessionId ShardSessions::adopt(Origin& origin, int descriptor, const Peer& peer) {
  const SessionId id(next_number_++ << 8 | shard_.index());
  auto made = std::make_unique<Connection>(*this, origin, id, peer, descriptor);
  Connection& connection = *made;
  sessions_.emplace(id, std::move(made));
  crowd_.came(sessions_.size());
  {
    std::lock_guard lock(peers_mutex_);
    peers_.emplace(id, peer);
  }
  (origin.outgoing() ? tally_.connected : tally_.accepted).add();
  origin.sink().on_opened(connection);
  if (!serving_ && !origin.outgoing()) connection.close("shutting down");
  connection.open();
  return id;
}

Connection* ShardSessions::find(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || found->second->closed() ? nullptr : found->second.get();
}

std::optional<Peer> ShardSessions::peer_of(SessionId id) const {
  std::lock_guard lock(peers_mutex_);
  const auto found = peers_.find(id);
  if (found == peers_.end()) return std::nullopt;
  return found->second;
}

std::unique_ptr<OutputQueue> ShardSessions::borrow_output() {
  if (spare_outputs_.empty()) return std::make_unique<OutputQueue>();
  auto output = std::move(spare_outputs_.back());
  spare_outputs_.pop_back();
  return output;
}

void ShardSessions::give_back(std::unique_ptr<OutputQueue> output) {
  if (spare_outputs_.size() >= spare_outputs_max) return;
  if (output->capacity() > spare_output_bytes_max) return;
  spare_outputs_.push_back(std::move(output));
}

void ShardSessions::flush_later(Connection& connection) {
  if (dirty_.empty()) {
    shard_.post_at_turn_end(
        {[](void* self) { static_cast<ShardSessions*>(self)->flush_dirty(); }, this});
  }
  dirty_.push_back(&connection);
}

void ShardSessions::flush_dirty() {
  for (size_t i = 0; i < dirty_.size(); ++i) dirty_[i]->flush_at_turn_end();
  dirty_.clear();
}

void ShardSessions::closed(Connection& connection) {
  closing_.push_back(&connection);
  reap_later();
}

void ShardSessions::reap_later() {
  if (std::exchange(reap_due_, true)) return;
  shard_.post_at_turn_end({[](void* self) { static_cast<ShardSessions*>(self)->reap(); }, this});
}

// At the end of a turn no call into the sink is on the stack, so this is where it hears of ends.
void ShardSessions::reap() {
  reap_due_ = false;
  for (size_t i = 0; i < closing_.size(); ++i) report_closed(*closing_[i]);
  closing_.clear();
  std::erase_if(ended_, [](const auto& connection) { return connection->unused(); });
  if (!trim_armed_ && crowd_.left(sessions_.size())) trim_later();
}

void ShardSessions::trim_later() {
  const auto now_ms = static_cast<int64_t>(shard_.now_ns() / 1'000'000);
  trim_armed_ = shard_.arm({now_ms + trim_after_ms}, {trim_timer, this}).value != 0;
}

void ShardSessions::trim_timer(void* context, runtime::TimerEnd end) {
  auto& self = *static_cast<ShardSessions*>(context);
  self.trim_armed_ = false;
  if (end != runtime::TimerEnd::due || !self.crowd_.left(self.sessions_.size())) return;
  self.crowd_.forget(self.sessions_.size());
  ::malloc_trim(0);
}

void ShardSessions::report_closed(Connection& connection) {
  const SessionId id = connection.id();
  auto owned = sessions_.extract(id);
  {
    std::lock_guard lock(peers_mutex_);
    peers_.erase(id);
  }
  const std::string reason = connection.peer().text() + ": " + connection.close_reason();
  for (PushWait* wait : std::exchange(connection.pushes(), {})) {
    wait->connection = nullptr;
    wait->then.done(wait->then.context, PushResult{PushEnd::gone, nullptr, {}, reason});
    shard_.cancel(wait->timer);
  }
  tally_.closed.add();
  Origin& origin = connection.origin();
  origin.ended(id, connection.close_reason());
  ended_.push_back(std::move(owned.mapped()));
  origin.sink().on_closed(id, shard_.index());
  open_.leave();
}

void ShardSessions::start_sweeping(uint64_t period_ms) {
  shard_.every(static_cast<int64_t>(period_ms),
               {[](void* self) { static_cast<ShardSessions*>(self)->sweep_idle(); }, this});
}

void ShardSessions::sweep_idle() {
  const uint64_t now_ns = shard_.now_ns();
  for (auto& [id, connection] : sessions_) {
    if (connection->closed() || !connection->idle_since(now_ns)) continue;
    tally_.idle_closed.add();
    connection->close("idle");
  }
}

void ShardSessions::stop_serving() {
  serving_ = false;
  for (auto& [id, connection] : sessions_) {
    if (!connection->origin().outgoing()) connection->stop_serving();
  }
}

void ShardSessions::drain() {
  serving_ = false;
  for (auto& [id, connection] : sessions_) connection->drain();
}

void ShardSessions::close_all(std::string_view reason) {
  for (auto& [id, connection] : sessions_) connection->close(reason);
}

void ShardSessions::send(SessionId id, OutFrame& frame) {
  Connection* connection = find(id);
  if (!connection) return tally_.dropped_sends.add();
  connection->send(frame.head, frame.body);
}

void ShardSessions::push(SessionId id, int32_t opaque, OutFrame& frame, uint64_t timeout_ms,
                         PushCompletion then) {
  Connection* connection = find(id);
  if (!connection || connection->output_full()) {
    (connection ? tally_.refused_pushes : tally_.dropped_sends).add();
    const PushEnd end = connection ? PushEnd::refused : PushEnd::gone;
    if (then.done) then.done(then.context, {end, nullptr, {}, "the connection has ended"});
    return;
  }
  connection->send(frame.head, frame.body);
  if (!then.done) return;
  auto* wait = new PushWait{connection, opaque, then, {}};
  const int64_t now_ms = static_cast<int64_t>(shard_.now_ns() / 1'000'000);
  wait->timer = shard_.arm({now_ms + static_cast<int64_t>(timeout_ms)}, {push_timer, wait});
  if (wait->timer.value == 0) {
    delete wait;
    tally_.refused_pushes.add();
    return then.done(then.context, PushResult{PushEnd::refused, nullptr, {}});
  }
  connection->pushes().push_back(wait);
}

// Due, or cancelled because the wait ended otherwise: the one place that frees it.
void ShardSessions::push_timer(void* context, runtime::TimerEnd end) {
  const std::unique_ptr<PushWait> wait(static_cast<PushWait*>(context));
  if (!wait->connection) return;
  std::erase(wait->connection->pushes(), wait.get());
  const PushEnd result = end == runtime::TimerEnd::due ? PushEnd::timed_out : PushEnd::gone;
  wait->then.done(wait->then.context, PushResult{result, nullptr, {}});
}

void ShardSessions::response(Connection& connection, const wire::Header& header, Bytes body) {
  auto& pushes = connection.pushes();
  const auto found = std::find_if(pushes.begin(), pushes.end(), [&](const PushWait* wait) {
    return wait->opaque == header.opaque;
  });
  if (found == pushes.end()) return tally_.unknown_responses.add();
  PushWait* wait = *found;
  pushes.erase(found);
  wait->connection = nullptr;
  wait->then.done(wait->then.context, PushResult{PushEnd::answered, &header, body});
  shard_.cancel(wait->timer);
}

}  // namespace gantry::net
