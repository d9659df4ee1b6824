// ListenerBatch: messages on their way through an application's listener. Private to client. Made on
// the cluster's thread, run on a consumer's thread, judged on the cluster's thread again.
#pragma once

#include <memory>
#include <vector>

#include "client/lease.hpp"

namespace gantry::client {

struct ListenerBatch {
  LeasePtr lease;
  uint64_t turn = 0;  // the lease's when the messages came
  std::vector<Received> messages;

  // On the listener's thread: may it begin? If so, the batch is counted in lease->running, and
  // the cluster's thread takes it out again. First counted, then looked: who ends the lease does it
  // the other way round, so one of the two sees the other.
  bool begin() const {
    lease->running.fetch_add(1);
    return !lease->ended.load() && lease->turn.load() == turn;
  }
  // On the cluster's thread.
  void over() const {
    lease->running.fetch_sub(1);
    lease->changed.signal();
  }
};
using BatchPtr = std::shared_ptr<ListenerBatch>;

}  // namespace gantry::client
