// ShardPeers: the peers whose connections live on one shard. Owned by Peers, used on its shard
// alone; ends after it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "net/peer_link.hpp"

namespace gantry::net {

// Whoever we call has no business to call us: its requests are answered "not supported".
class PeerSink final : public FrameSink {
 public:
  void on_opened(Session&) override {}
  void on_request(Session& session, const InFrame& frame) override;
  void on_closed(SessionId, uint32_t) override {}
};

class ShardPeers {
 public:
  ShardPeers(ShardSessions& sessions, runtime::WorkerPool& workers, const PeerOptions& options)
      : sessions_(sessions), workers_(workers), options_(options) {}

  // `address` is the text of `parts`.
  void send(const std::string& address, const HostPort& parts, PeerRequest&& request);
  // Fails what waits, closes what is open; what comes later fails as well.
  void stop();

 private:
  PeerLink* link(const std::string& address, const HostPort& parts);

  ShardSessions& sessions_;
  runtime::WorkerPool& workers_;
  const PeerOptions& options_;
  PeerSink sink_;
  bool stopped_ = false;
  std::unordered_map<std::string, std::unique_ptr<PeerLink>> links_;
};

}  // namespace gantry::net
