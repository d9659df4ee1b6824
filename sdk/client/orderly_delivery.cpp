#include "client/orderly_delivery.hpp"

#include <boost/asio/post.hpp>
#include <iterator>

namespace gantry::client {

namespace asio = boost::asio;

void OrderlyDelivery::arrived(const LeasePtr& lease, std::vector<Received> messages) {
  std::move(messages.begin(), messages.end(), std::back_inserter(lease->line));
  next(lease);
}

// Hands out the head of the line, unless a batch is out already or the lock is another's; then
// whatever ends that comes here again.
void OrderlyDelivery::next(const LeasePtr& lease) {
  if (lease->busy || lease->ended || lease->line.empty() || !membership_->has_lock(*lease)) return;
  auto batch = std::make_shared<ListenerBatch>();
  batch->lease = lease;
  batch->turn = lease->turn;
  while (!lease->line.empty() && batch->messages.size() < options_.listener_batch) {
    batch->messages.push_back(std::move(lease->line.front()));
    lease->line.pop_front();
  }
  lease->busy = true;
  run(std::move(batch));
}

void OrderlyDelivery::run(BatchPtr batch) {
  asio::post(pool_, [this, batch = std::move(batch)] {
    ConsumedInOrder result = ConsumedInOrder::suspend;
    if (batch->begin()) {
      try {
        result = listener_(batch->messages);
      } catch (...) {  // whatever it is: its message is not done
        result = ConsumedInOrder::suspend;
      }
    }
    asio::post(membership_->core().io(), [this, batch, result] { judge(batch, result); });
  });
}

void OrderlyDelivery::judge(const BatchPtr& batch, ConsumedInOrder result) {
  const LeasePtr& lease = batch->lease;
  if (result == ConsumedInOrder::suspend && !lease->ended && lease->turn == batch->turn) {
    membership_->spawn(again(batch));
    batch->over();
    return;
  }
  if (result == ConsumedInOrder::done) {
    if (lease->turn == batch->turn) {
      for (const Received& message : batch->messages) {
        --lease->cached_messages;
        lease->cached_bytes -= message.body.size();
      }
    }
    membership_->finished(lease, batch->turn, batch->messages);
  }
  lease->busy = false;
  batch->over();
  next(lease);
}

// The same messages, as long as the queue is ours: nothing may overtake them.
awaitable<void> OrderlyDelivery::again(BatchPtr batch) {
  for (Received& message : batch->messages) ++message.reconsume_times;
  co_await membership_->sleep(options_.suspend_delay);
  const LeasePtr& lease = batch->lease;
  while (!lease->ended && lease->turn == batch->turn && !membership_->has_lock(*lease)) {
    co_await lease->changed.wait();
  }
  if (!lease->ended && lease->turn == batch->turn) {
    run(std::move(batch));
    co_return;
  }
  lease->busy = false;
  next(lease);
}

bool OrderlyDelivery::consume_directly(Received message, DirectResult told) {
  consume_on(
      pool_, membership_->core().io(), true, std::move(message),
      [this](std::span<const Received> messages) { return listener_(messages) == ConsumedInOrder::done; },
      std::move(told));
  return true;
}

void OrderlyDelivery::describe(protocol::ConsumerRunningInfo& info) const {
  info.properties.emplace(protocol::running::orderly, "true");
  info.properties.emplace(protocol::running::threads, std::to_string(options_.threads));
}

}  // namespace gantry::client
