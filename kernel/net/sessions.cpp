#include "net/sessions.hpp"

#include <memory>
#include <string>
#include <utility>

#include "base/logging.hpp"
#include "wire/encode.hpp"

namespace gantry::net {

ShardSessions* Sessions::home(SessionId session) const {
  const uint32_t shard = net::shard_of(session);
  const bool possible = session.value != 0 && shard < shards_.size();
  return possible ? shards_[shard].get() : nullptr;
}

uint32_t Sessions::shard_of(SessionId session) const {
  return home(session) ? net::shard_of(session) : runtime::no_shard;
}

std::optional<Peer> Sessions::peer_of(SessionId session) const {
  const ShardSessions* shard = home(session);
  return shard ? shard->peer_of(session) : std::nullopt;
}

Session* Sessions::find(SessionId session) {
  ShardSessions* shard = home(session);
  return shard && shard->shard().here() ? shard->find(session) : nullptr;
}

void Sessions::send(SessionId session, OutFrame frame) {
  ShardSessions* shard = home(session);
  if (shard && shard->shard().here()) return shard->send(session, frame);
  const bool taken = shard && shard->shard().post(runtime::Task(
                                  [shard, session, frame = std::move(frame)]() mutable {
                                    shard->send(session, frame);
                                  }));
  if (!taken) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void Sessions::close(SessionId session, std::string_view reason) {
  ShardSessions* shard = home(session);
  if (!shard) return;
  shard->shard().post(runtime::Task([shard, session, reason = std::string(reason)] {
    if (Connection* connection = shard->find(session)) connection->close(reason);
  }));
}

void Sessions::request(SessionId session, const wire::Header& request, Bytes body,
                       uint64_t timeout_ms, PushCompletion then) {
  push(session, request, body, timeout_ms, then);
}

void Sessions::notify(SessionId session, const wire::Header& request, Bytes body) {
  push(session, request, body, 0, {});
}

// The header is encoded here, on the caller's thread, while what it borrows is still there. Always
// posted, so that a completion never runs inside the call that asks for it.
void Sessions::push(SessionId session, const wire::Header& request, Bytes body,
                    uint64_t timeout_ms, PushCompletion then) {
  wire::Header header = request;
  header.opaque = static_cast<int32_t>(next_opaque_.fetch_add(1, std::memory_order_relaxed));
  header.flag = then.done ? 0 : wire::flag_oneway;
  wire::ByteSink head;
  const ErrorCode error = wire::encode_head(wire::Serialize::json, header, body.size(), head);
  OutFrame frame;
  if (!error) frame.head.assign(head.bytes().begin(), head.bytes().end());
  if (!body.empty()) {
    BufferRef copy = copy_to_buffer(body);
    frame.body.push_back({{copy->data(), copy->size()}, copy});
  }
  ShardSessions* shard = error ? nullptr : home(session);
  const bool taken = shard && shard->shard().post(runtime::Task(
                                  [shard, session, opaque = header.opaque,
                                   frame = std::move(frame), timeout_ms, then]() mutable {
                                    shard->push(session, opaque, frame, timeout_ms, then);
                                  }));
  if (taken) return;
  dropped_.fetch_add(1, std::memory_order_relaxed);
  if (then.done) then.done(then.context, {error ? PushEnd::refused : PushEnd::gone, nullptr, {}});
}

}  // namespace gantry::net
