// ListeningDoor: one listener. Owned by Network. Bound on the control thread; accepts on shard 0
// and hands the sockets to the shards in turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/asio_types.hpp"
#include "net/network.hpp"
#include "net/origin.hpp"

namespace gantry::net {

class ShardSessions;

class ListeningDoor final : public Door, public Origin {
 public:
  ListeningDoor(uint32_t number, DoorOptions options, runtime::Shard& home, FrameSink& sink,
                const std::vector<std::unique_ptr<ShardSessions>>& shards);

  uint32_t number() const override { return Origin::number(); }
  const DoorOptions& options() const override { return options_; }
  std::string address() const override;
  uint16_t port() const override { return endpoint_.port(); }

  Outcome<void> bind();
  Outcome<void> listen();
  // On shard 0.
  void start_accepting();
  void close();

  void ended(SessionId, std::string_view) override { leave(); }
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void leave() { connections_.fetch_sub(1, std::memory_order_relaxed); }
  void wait();
  void accept_ready();
  bool accept_one();
  void hand_over(int descriptor, const Peer& peer);
  void pause(int error);
  Failure failure(const char* what, const ErrorCode& error) const;

  const DoorOptions options_;
  runtime::Shard& home_;
  const std::vector<std::unique_ptr<ShardSessions>>& shards_;
  Acceptor acceptor_;
  Tcp::endpoint endpoint_;
  uint64_t next_shard_ = 0;
  std::atomic<uint32_t> connections_{0};
  std::atomic<uint64_t> refused_{0};
};

}  // namespace gantry::net
