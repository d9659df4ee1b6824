// Sessions: the SessionTable over all shards. Owned by Network. Stateless but for the numbering of
// the node's own requests: a session's shard is part of its number, so any thread knows where to
// post.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "net/session_table.hpp"
#include "net/shard_sessions.hpp"

namespace gantry::net {

class Sessions final : public SessionTable {
 public:
  explicit Sessions(const std::vector<std::unique_ptr<ShardSessions>>& shards) : shards_(shards) {}

  uint32_t shard_of(SessionId session) const override;
  std::optional<Peer> peer_of(SessionId session) const override;
  void send(SessionId session, OutFrame frame) override;
  void close(SessionId session, std::string_view reason) override;
  void request(SessionId session, const wire::Header& request, Bytes body, uint64_t timeout_ms,
               PushCompletion then) override;
  void notify(SessionId session, const wire::Header& request, Bytes body) override;
  Session* find(SessionId session) override;
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  ShardSessions* home(SessionId session) const;
  void push(SessionId session, const wire::Header& request, Bytes body, uint64_t timeout_ms,
            PushCompletion then);

  const std::vector<std::unique_ptr<ShardSessions>>& shards_;
  std::atomic<uint32_t> next_opaque_{1};
  std::atomic<uint64_t> dropped_{0};  // had no shard to go to
};

}  // namespace gantry::net
