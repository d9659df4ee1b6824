// ConcurrentDelivery: messages to a listener on many threads, each for itself. Private to client.
// Owned by a PushConsumer; used on the cluster's thread, but for the listener, which runs on the
// pool. Ends after the membership has stopped and the pool was joined.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "client/direct_consumption.hpp"
#include "client/listener_batch.hpp"
#include "client/membership.hpp"
#include "client/push_consumer.hpp"

namespace gantry::client {

class ConcurrentDelivery final : public Delivery {
 public:
  ConcurrentDelivery(const PushConsumerOptions& options, Listener listener,
                     boost::asio::thread_pool& pool)
      : options_(options), listener_(std::move(listener)), pool_(pool) {}
  // Before anything arrives.
  void attach(Membership& membership) { membership_ = &membership; }

  void arrived(const LeasePtr& lease, std::vector<Received> messages) override;
  void dropped(const LeasePtr&) override {}  // batches look before they begin
  void resumed(const LeasePtr&) override {}
  bool consume_directly(Received message, DirectResult told) override;
  void describe(protocol::ConsumerRunningInfo& info) const override;

 private:
  void run(BatchPtr batch);
  void judge(const BatchPtr& batch, Consumed result);
  void leave(const ListenerBatch& batch);
  awaitable<void> again(BatchPtr batch);

  const PushConsumerOptions& options_;
  const Listener listener_;
  boost::asio::thread_pool& pool_;
  Membership* membership_ = nullptr;
};

}  // namespace gantry::client
