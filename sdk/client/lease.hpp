// Lease: a queue that is ours for now: how far it was pulled, what is not finished, what may be
// committed. Private to client. Used on the cluster's thread, but for the atomics, which listeners'
// threads use too; shared by the pull loop, the delivery and the membership, and by a listener's
// batch as long as that runs.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/event.hpp"
#include "client/message.hpp"
#include "protocol/body_running.hpp"

namespace gantry::client {

using protocol::MessageQueue;

struct Lease {
  Lease(boost::asio::io_context& io, MessageQueue q, int64_t now_ms)
      : queue(std::move(q)), last_lock_ms(now_ms), last_pull_ms(now_ms), last_finish_ms(now_ms),
        changed(io) {}

  void stop_pulling() {
    if (cancel_pull) cancel_pull->emit(boost::asio::cancellation_type::terminal);
  }
  // Nothing of what came counts any more.
  void forget() {
    ++turn;
    unfinished.clear();
    cached_messages = 0;
    cached_bytes = 0;
    unreadable = 0;
  }
  // What may be committed: everything before it is finished.
  int64_t done_offset() const { return unfinished.empty() ? next : *unfinished.begin(); }

  const MessageQueue queue;
  int64_t next = 0;                // to pull
  std::set<int64_t> unfinished;    // offsets that came and are not dealt with
  int64_t committed = -1;          // what the broker was told last
  size_t cached_messages = 0;      // came, and not yet given to the application
  size_t cached_bytes = 0;
  int unreadable = 0;              // answers one after the other that couldn't be read
  int64_t broker_id = 0;           // to pull from: the broker suggests it
  std::atomic<bool> ended{false};  // no longer ours, or the consumer stops
  std::atomic<uint64_t> turn{0};   // counts jumps: what came before the last one is void
  std::atomic<size_t> running{0};  // batches a listener has, or that look whether it may
  bool locked = false;             // orderly
  std::chrono::steady_clock::time_point lock_until;
  std::deque<Received> line;       // orderly: what waits its turn
  bool busy = false;               // orderly: a batch is out, or waits to go out again
  bool leaving = false;            // orderly: given back as soon as its listener is done
  // What operators ask for; when it was taken, at first.
  int64_t last_lock_ms;
  int64_t last_pull_ms;
  int64_t last_finish_ms;
  Event changed;                   // there is room, a lock, a finished batch; or it ended
  // Of the pull under way. Each has its own: a coroutine looks at it until its very end.
  std::shared_ptr<boost::asio::cancellation_signal> cancel_pull;
};
using LeasePtr = std::shared_ptr<Lease>;

// Delivery: how what was pulled gets to the application. Owned by a consumer; used on the cluster's
// thread.
class Delivery {
 public:
  virtual ~Delivery() = default;
  // Messages in their order; their offsets are in `unfinished` already.
  virtual void arrived(const LeasePtr& lease, std::vector<Received> messages) = 0;
  // What of it is still waiting is void: it ended or its position jumped.
  virtual void dropped(const LeasePtr& lease) = 0;
  // Something about the lease allows to go on: its lock came back.
  virtual void resumed(const LeasePtr& lease) = 0;
  // Gives one message to the application besides all others, and tells what it said; false if
  // nothing is called with messages here.
  virtual bool consume_directly(Received, std::function<void(protocol::ConsumeDirectlyResult)>) {
    return false;
  }
  // What there is to know of it, for operators.
  virtual void describe(protocol::ConsumerRunningInfo&) const {}
};

}  // namespace gantry::client
