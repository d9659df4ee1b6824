// PolledDelivery: what was pulled, until the application asks for it. Private to client. Owned by a
// PullConsumer. The cluster's thread puts in, the application's takes out; `mutex_` is between them.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "client/lease.hpp"
#include "client/request.hpp"

namespace gantry::client {

class PolledDelivery final : public Delivery {
 public:
  void arrived(const LeasePtr& lease, std::vector<Received> messages) override;
  void dropped(const LeasePtr& lease) override;
  void resumed(const LeasePtr&) override {}

  // One queue's messages as they were handed out, in the lease's turn.
  struct Taken {
    LeasePtr lease;
    uint64_t turn = 0;
    std::vector<Received> messages;
  };
  // The application's thread: waits for messages, takes those of the queue whose turn it is.
  Taken take(milliseconds wait, size_t messages_max);
  // Another queue's, without waiting; nothing if there is none.
  Taken take_more(size_t messages_max);

 private:
  Taken take_locked(size_t messages_max);

  std::mutex mutex_;
  std::condition_variable filled_;
  struct Waiting {
    LeasePtr lease;
    uint64_t turn = 0;
    std::deque<Received> messages;
  };
  std::map<MessageQueue, Waiting> waiting_;  // guarded by mutex_
  MessageQueue last_;                        // that take() took from; guarded by mutex_
};

}  // namespace gantry::client
