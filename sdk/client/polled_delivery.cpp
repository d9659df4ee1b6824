#include "client/polled_delivery.hpp"

#include <algorithm>
#include <iterator>

namespace gantry::client {

void PolledDelivery::arrived(const LeasePtr& lease, std::vector<Received> messages) {
  {
    const std::lock_guard lock(mutex_);
    Waiting& waiting = waiting_[lease->queue];
    waiting.lease = lease;
    waiting.turn = lease->turn;
    std::move(messages.begin(), messages.end(), std::back_inserter(waiting.messages));
  }
  filled_.notify_one();
}

void PolledDelivery::dropped(const LeasePtr& lease) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(lease->queue);
}

// The queue after the one that came last, so that a full one leaves something to the others.
PolledDelivery::Taken PolledDelivery::take_locked(size_t messages_max) {
  Taken out;
  if (waiting_.empty()) return out;
  auto at = waiting_.upper_bound(last_);
  if (at == waiting_.end()) at = waiting_.begin();
  last_ = at->first;
  Waiting& waiting = at->second;
  out.lease = waiting.lease;
  out.turn = waiting.turn;  // the lease's own may have moved on: the queue is about to be dropped
  const auto size = static_cast<ptrdiff_t>(std::min(messages_max, waiting.messages.size()));
  std::move(waiting.messages.begin(), waiting.messages.begin() + size,
            std::back_inserter(out.messages));
  waiting.messages.erase(waiting.messages.begin(), waiting.messages.begin() + size);
  if (waiting.messages.empty()) waiting_.erase(at);
  return out;
}

PolledDelivery::Taken PolledDelivery::take(milliseconds wait, size_t messages_max) {
  std::unique_lock lock(mutex_);
  filled_.wait_for(lock, wait, [&] { return !waiting_.empty(); });
  return take_locked(messages_max);
}

PolledDelivery::Taken PolledDelivery::take_more(size_t messages_max) {
  const std::lock_guard lock(mutex_);
  return take_locked(messages_max);
}

}  // namespace gantry::client
