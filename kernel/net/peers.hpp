// Peers: the PeerTable over all shards. Owned by Network. An address lives on one shard, chosen by
// its text, so that all that goes there shares one connection.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "net/peer_table.hpp"
#include "net/shard_peers.hpp"

namespace gantry::net {

class Peers final : public PeerTable {
 public:
  Peers(runtime::WorkerPool& workers, const std::vector<std::unique_ptr<ShardSessions>>& shards,
        const PeerOptions& options);

  bool request(std::string_view address, const wire::Header& request, std::vector<Slice> body,
               uint64_t timeout_ms, PushCompletion then) override;
  bool notify(std::string_view address, const wire::Header& request,
              std::vector<Slice> body) override;

  // [control] Everything outstanding has failed when it returns, and nothing is sent any more.
  void stop();

 private:
  bool send(std::string_view address, const wire::Header& request, std::vector<Slice> body,
            uint64_t timeout_ms, PushCompletion then);

  const PeerOptions options_;
  const std::vector<std::unique_ptr<ShardSessions>>& sessions_;
  std::vector<std::unique_ptr<ShardPeers>> shards_;
  std::atomic<uint32_t> next_opaque_{1};
};

}  // namespace gantry::net
