// Connection: the Session behind one socket, accepted or connected. Owned by its ShardSessions, used on its shard
// alone. Waits for readiness instead of reading into a buffer of its own, so an idle one holds
// neither read nor write memory. Ends when it was closed and reported.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/frame_reader.hpp"
#include "net/origin.hpp"
#include "net/output_queue.hpp"
#include "net/push.hpp"
#include "net/ready_set.hpp"
#include "net/session.hpp"

namespace gantry::net {

class ShardSessions;

class Connection final : public Session, private ReadySet::Member {
 public:
  // Takes the socket over.
  Connection(ShardSessions& owner, Origin& origin, SessionId id, const Peer& peer, int descriptor);
  ~Connection() override;

  void send(Bytes head, std::span<Slice> body) override;
  void close(std::string_view reason) override;

  void open();
  // Writes what it can now; the rest when the socket takes more.
  void flush();
  // Reads no more requests, nor whether the client closes; answers go on.
  void stop_serving();
  // Serves no more requests; closes once what is queued is written and the client has closed.
  void drain();
  // Forgets that a flush at turn end is due, and does it.
  void flush_at_turn_end();

  bool closed() const { return closed_; }
  bool idle_since(uint64_t now_ns) const;
  // Nothing refers to it any more, once a turn has ended: no turn-end flush, no handler.
  bool unused() const { return closed_ && !dirty_ && !handling_; }
  uint64_t queued_bytes() const { return output_ ? output_->bytes() : 0; }
  bool output_full() const;

  Origin& origin() { return origin_; }
  const std::string& close_reason() const { return close_reason_; }  // once closed
  std::vector<PushWait*>& pushes() { return pushes_; }

 private:
  void on_ready(bool readable, bool writable) override;
  void ask();
  void on_readable();
  void on_writable();
  bool read_once();
  bool handle_frames();
  void handle(const FrameReader::Next& next);
  void pause();
  void resume_reading();
  void half_close();
  void discard();
  void malformed(const ErrorCode& error);
  void close_now(std::string_view reason);
  void touch();

  ShardSessions& owner_;
  Origin& origin_;
  const int descriptor_;
  FrameReader reader_;
  std::unique_ptr<OutputQueue> output_;  // borrowed while there is something to write
  std::vector<PushWait*> pushes_;        // requests of ours it has not answered yet
  std::string close_reason_;
  uint64_t active_ns_ = 0;
  bool asked_reads_ = false;  // what the ReadySet was asked for
  bool asked_writes_ = false;
  bool blocked_ = false;    // the socket takes no more for now
  bool handling_ = false;   // answers gather until the read is handled
  bool dirty_ = false;      // a flush at turn end is due
  bool paused_ = false;     // not read from, until its output drains
  bool serving_ = true;     // else it stays paused
  bool draining_ = false;   // serves no more
  bool half_closed_ = false;
  bool closed_ = false;
};

}  // namespace gantry::net
