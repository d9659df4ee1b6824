// PeerLink: one address and the connection to it: found, connected, kept, tried again. Requests
// wait in it until they can go out; then they are pushes of an ordinary session. Owned by
// ShardPeers, used on its shard alone. May be freed once unused().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/asio_types.hpp"
#include "net/origin.hpp"
#include "net/peer_table.hpp"
#include "runtime/worker_pool.hpp"

namespace gantry::net {

class ShardSessions;

// A request on its way to a peer.
struct PeerRequest {
  int32_t opaque = 0;
  OutFrame frame;
  uint64_t bytes = 0;
  uint64_t timeout_ms = 0;
  PushCompletion then;  // no `done`: one way
};

class PeerLink final : public Origin {
 public:
  PeerLink(ShardSessions& sessions, runtime::WorkerPool& workers, FrameSink& sink, HostPort address,
           const PeerOptions& options);

  void send(PeerRequest&& request);
  // Fails what waits and closes; nothing is sent any more.
  void stop();
  // No connection, nothing waits, and nothing will call back.
  bool unused() const { return state_ == State::idle && waiting_.empty() && callbacks_ == 0; }

  void ended(SessionId session, std::string_view reason) override;

 private:
  enum class State : uint8_t { idle, resting, resolving, connecting, open };
  struct Waiting {
    PeerRequest request;
    int64_t due_ms;
  };

  int64_t now_ms() const;
  std::string text() const;
  void begin();
  void resolve_name();
  void connect_next();
  void connected(const ErrorCode& error);
  void adopt();
  void send_waiting();
  void push(PeerRequest&& request, uint64_t timeout_ms);
  void failed(std::string reason);
  void fail_waiting(PushEnd end);
  void expire();
  void back_off();
  void wake_at(int64_t due_ms);
  void on_timer();

  ShardSessions& sessions_;
  runtime::WorkerPool& workers_;
  const HostPort address_;
  const PeerOptions& options_;

  State state_ = State::idle;
  bool stopped_ = false;
  SessionId session_;
  std::optional<Socket> socket_;  // while it connects
  std::vector<Peer> candidates_;  // addresses not tried yet in this attempt, the next one last
  uint64_t attempt_ = 0;          // so that what an earlier one started is ignored
  int64_t attempt_due_ms_ = 0;
  int64_t opened_ms_ = 0;
  int64_t not_before_ms_ = 0;  // no attempt earlier
  uint32_t failures_ = 0;      // in a row
  uint32_t callbacks_ = 0;     // timers, connects and resolutions not yet come back
  std::string reason_;         // of the last failure
  std::vector<Waiting> waiting_;
  uint64_t waiting_bytes_ = 0;
};

}  // namespace gantry::net
