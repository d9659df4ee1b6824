// OrderlyDelivery: the messages of a queue to a listener one batch after the other; queues beside
// each other. Private to client. Owned by a PushConsumer; used on the cluster's thread, but for the
// listener, which runs on the pool. Ends after the membership has stopped and the pool was joined.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "client/direct_consumption.hpp"
#include "client/listener_batch.hpp"
#include "client/membership.hpp"
#include "client/push_consumer.hpp"

namespace gantry::client {

class OrderlyDelivery final : public Delivery {
 public:
  OrderlyDelivery(const PushConsumerOptions& options, OrderlyListener listener,
                  boost::asio::thread_pool& pool)
      : options_(options), listener_(std::move(listener)), pool_(pool) {}
  // Before anything arrives.
  void attach(Membership& membership) { membership_ = &membership; }

  void arrived(const LeasePtr& lease, std::vector<Received> messages) override;
  void dropped(const LeasePtr& lease) override { lease->line.clear(); }
  void resumed(const LeasePtr& lease) override { next(lease); }
  bool consume_directly(Received message, DirectResult told) override;
  void describe(protocol::ConsumerRunningInfo& info) const override;

 private:
  void next(const LeasePtr& lease);
  void run(BatchPtr batch);
  void judge(const BatchPtr& batch, ConsumedInOrder result);
  awaitable<void> again(BatchPtr batch);

  const PushConsumerOptions& options_;
  const OrderlyListener listener_;
  boost::asio::thread_pool& pool_;
  Membership* membership_ = nullptr;
};

}  // namespace gantry::client
