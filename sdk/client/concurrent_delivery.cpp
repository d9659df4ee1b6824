#include "client/concurrent_delivery.hpp"

#include <boost/asio/post.hpp>
#include <iterator>

namespace gantry::client {

namespace asio = boost::asio;

void ConcurrentDelivery::arrived(const LeasePtr& lease, std::vector<Received> messages) {
  for (size_t begin = 0; begin < messages.size(); begin += options_.listener_batch) {
    const size_t end = std::min(messages.size(), begin + options_.listener_batch);
    auto batch = std::make_shared<ListenerBatch>();
    batch->lease = lease;
    batch->turn = lease->turn;
    std::move(messages.begin() + static_cast<ptrdiff_t>(begin),
              messages.begin() + static_cast<ptrdiff_t>(end), std::back_inserter(batch->messages));
    run(std::move(batch));
  }
}

void ConcurrentDelivery::run(BatchPtr batch) {
  asio::post(pool_, [this, batch = std::move(batch)] {
    if (!batch->begin()) {
      asio::post(membership_->core().io(), [batch] { batch->over(); });
      return;
    }
    Consumed result = Consumed::later;
    try {
      result = listener_(batch->messages);
    } catch (...) {  // whatever it is: its message is not done
      result = Consumed::later;
    }
    asio::post(membership_->core().io(), [this, batch, result] { judge(batch, result); });
  });
}

void ConcurrentDelivery::judge(const BatchPtr& batch, Consumed result) {
  // Broadcasting has no retries: the broker keeps nothing of a single consumer.
  if (result == Consumed::done || !membership_->clustering()) {
    leave(*batch);
    membership_->finished(batch->lease, batch->turn, batch->messages);
  } else if (!batch->lease->ended && batch->lease->turn == batch->turn) {
    membership_->spawn(again(batch));
    return;
  }  // else the queue's next owner gets it
  batch->over();
}

// Makes room for what is pulled next.
void ConcurrentDelivery::leave(const ListenerBatch& batch) {
  Lease& lease = *batch.lease;
  if (lease.turn != batch.turn) return;
  for (const Received& message : batch.messages) {
    --lease.cached_messages;
    lease.cached_bytes -= message.body.size();
  }
}

// What the broker takes back comes again through the retry topic; the rest stays unfinished and goes
// to the listener again after a while.
awaitable<void> ConcurrentDelivery::again(BatchPtr batch) {
  ListenerBatch taken{batch->lease, batch->turn, {}};
  auto kept = std::make_shared<ListenerBatch>();
  kept->lease = batch->lease;
  kept->turn = batch->turn;
  for (Received& message : batch->messages) {
    const bool back =
        co_await membership_->send_back(batch->lease, message.log_offset, message.offset_id,
                                        message.topic, options_.tries_max);
    if (!back) ++message.reconsume_times;
    (back ? taken : *kept).messages.push_back(std::move(message));
  }
  leave(taken);
  membership_->finished(taken.lease, taken.turn, taken.messages);
  batch->over();  // not before: who gives the queue up commits without what was taken back
  if (kept->messages.empty()) co_return;
  co_await membership_->sleep(options_.retry_delay);
  if (!membership_->stopping()) run(kept);
}

bool ConcurrentDelivery::consume_directly(Received message, DirectResult told) {
  consume_on(
      pool_, membership_->core().io(), false, std::move(message),
      [this](std::span<const Received> messages) { return listener_(messages) == Consumed::done; },
      std::move(told));
  return true;
}

void ConcurrentDelivery::describe(protocol::ConsumerRunningInfo& info) const {
  info.properties.emplace(protocol::running::orderly, "false");
  info.properties.emplace(protocol::running::threads, std::to_string(options_.threads));
}

}  // namespace gantry::client
