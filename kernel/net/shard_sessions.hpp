// ShardSessions: the sessions of one shard and what they share: read buffer, header scratch, output
// queues. Owned by Network, used on its shard except where marked [any]. Ends after its shard.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/connection.hpp"
#include "net/crowd.hpp"
#include "net/frame_sink.hpp"
#include "net/open_sessions.hpp"
#include "net/tally.hpp"
#include "runtime/shard.hpp"
#include "wire/decode.hpp"

namespace gantry::net {

// A session's number: its shard in the low byte, a count above.
constexpr uint32_t shard_of(SessionId id) { return static_cast<uint32_t>(id.value & 0xff); }

class ShardSessions {
 public:
  ShardSessions(runtime::Shard& shard, OpenSessions& open);
  ~ShardSessions();

  // [any] Counts a session that is on its way here, so that a shutdown waits for it.
  void expect() { open_.enter(); }
  void expected_gone() { open_.leave(); }
  // Takes its socket over and opens it.
  SessionId adopt(Origin& origin, int descriptor, const Peer& peer);
  Connection* find(SessionId id);
  // Looks for idle sessions every `period_ms`.
  void start_sweeping(uint64_t period_ms);
  // Serves no more requests of clients: theirs are not read from, those that come are closed.
  void stop_serving();
  // Nor of peers; sessions close once what is queued is written.
  void drain();
  void close_all(std::string_view reason);

  // Sends a request of the node's own; `then` is told how it ended (no `done`: nobody waits).
  void push(SessionId id, int32_t opaque, OutFrame& frame, uint64_t timeout_ms,
            PushCompletion then);
  void send(SessionId id, OutFrame& frame);

  // [any]
  runtime::Shard& shard() { return shard_; }
  std::optional<Peer> peer_of(SessionId id) const;
  const Tally& tally() const { return tally_; }

  // For connections.
  Tally& tally() { return tally_; }
  wire::HeaderScratch& scratch() { return scratch_; }
  ReadySet& ready_set() { return ready_set_; }
  std::span<uint8_t> read_buffer() { return read_buffer_; }
  std::unique_ptr<OutputQueue> borrow_output();
  void give_back(std::unique_ptr<OutputQueue> output);
  void flush_later(Connection& connection);
  void reap_later();
  void closed(Connection& connection);
  void response(Connection& connection, const wire::Header& header, Bytes body);

 private:
  void flush_dirty();
  void reap();
  void report_closed(Connection& connection);
  void sweep_idle();
  void trim_later();
  static void trim_timer(void* context, runtime::TimerEnd end);
  static void push_timer(void* context, runtime::TimerEnd end);

  runtime::Shard& shard_;
  OpenSessions& open_;
  ReadySet ready_set_;
  std::vector<uint8_t> read_buffer_;
  wire::HeaderScratch scratch_;
  Tally tally_;
  uint64_t next_number_ = 1;
  bool serving_ = true;

  std::unordered_map<SessionId, std::unique_ptr<Connection>> sessions_;
  std::vector<std::unique_ptr<OutputQueue>> spare_outputs_;
  std::vector<Connection*> dirty_;
  std::vector<Connection*> closing_;                // closed, not yet reported
  std::vector<std::unique_ptr<Connection>> ended_;  // reported, still in use
  bool reap_due_ = false;
  Crowd crowd_;
  bool trim_armed_ = false;

  mutable std::mutex peers_mutex_;  // guards peers_; a leaf lock, taken at open and close only
  std::unordered_map<SessionId, Peer> peers_;
};

}  // namespace gantry::net
