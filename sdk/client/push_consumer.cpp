#include "client/push_consumer.hpp"

#include <fmt/format.h>

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "client/expression_check.hpp"
#include "client/concurrent_delivery.hpp"
#include "client/membership.hpp"
#include "client/orderly_delivery.hpp"
#include "client/subscription.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

struct PushConsumer::Inner {
  Inner(Core& c, PushConsumerOptions o) : core(c), options(std::move(o)) {}

  Core& core;
  const PushConsumerOptions options;
  std::vector<protocol::SubscriptionData> subscriptions;
  Listener listener;
  OrderlyListener orderly_listener;
  // Of a started consumer.
  std::unique_ptr<boost::asio::thread_pool> pool;
  std::unique_ptr<Delivery> delivery;
  std::shared_ptr<Membership> membership;

  template <class Made, class Heard>
  std::shared_ptr<Membership> join(Heard heard, bool orderly) {
    auto made = std::make_unique<Made>(options, std::move(heard), *pool);
    const Membership::Kind kind{protocol::ConsumeType::passively, orderly};
    auto joined = std::make_shared<Membership>(core, options, kind, *made);
    made->attach(*joined);
    delivery = std::move(made);
    return joined;
  }
};

PushConsumer::PushConsumer(Cluster& cluster, PushConsumerOptions options)
    : inner_(std::make_unique<Inner>(cluster.core(), std::move(options))) {}

PushConsumer::~PushConsumer() { stop(); }

Outcome<void> PushConsumer::subscribe(std::string_view topic, std::string_view expression,
                                      std::string_view type) {
  if (inner_->membership) return fail("topics are subscribed before the consumer starts");
  if (const std::string wrong = protocol::check_topic_at_client(topic); !wrong.empty()) {
    return fail(fmt::format("topic \"{}\": {}", topic, wrong));
  }
  auto data = subscription_of(topic, expression, type, SystemClock().now_ms());
  if (!data) return data.error();
  inner_->subscriptions.push_back(std::move(*data));
  return {};
}

void PushConsumer::on_messages(Listener listener) { inner_->listener = std::move(listener); }

void PushConsumer::on_messages_in_order(OrderlyListener listener) {
  inner_->orderly_listener = std::move(listener);
}

Outcome<void> PushConsumer::start() {
  Inner& in = *inner_;
  if (in.membership) return fail("the consumer has been started already");
  if (!in.listener == !in.orderly_listener) {
    return fail("a consumer has one listener: on_messages or on_messages_in_order");
  }
  if (in.subscriptions.empty()) return fail("the consumer is subscribed to no topic");
  const std::string wrong = protocol::check_group_at_client(in.options.group);
  if (!wrong.empty()) return fail(fmt::format("group \"{}\": {}", in.options.group, wrong));
  if (in.options.threads == 0 || in.options.listener_batch == 0) {
    return fail("threads and listener_batch are at least 1");
  }
  for (const auto& data : in.subscriptions) {
    auto taken = in.core.run(check_expression(in.core, in.options.group, data));
    if (!taken) return taken;
  }
  in.pool = std::make_unique<boost::asio::thread_pool>(in.options.threads);
  in.membership = in.listener ? in.join<ConcurrentDelivery>(in.listener, false)
                              : in.join<OrderlyDelivery>(in.orderly_listener, true);
  for (const auto& data : in.subscriptions) in.membership->subscribe(data);
  auto started = in.core.run(in.membership->start());
  if (!started) stop();
  return started;
}

void PushConsumer::stop() {
  Inner& in = *inner_;
  if (!in.membership) return;
  in.core.run(in.membership->stop());
  in.pool->join();
  // What the pool's threads have posted last runs before this.
  in.core.run([]() -> awaitable<void> { co_return; }());
  in.membership.reset();
  in.delivery.reset();
  in.pool.reset();
}

std::vector<MessageQueue> PushConsumer::assignment() {
  if (!inner_->membership) return {};
  return inner_->core.run(
      [](std::shared_ptr<Membership> membership) -> awaitable<std::vector<MessageQueue>> {
        std::vector<MessageQueue> out;
        for (const auto& [queue, lease] : membership->leases()) {
          if (!lease->ended && !protocol::is_retry_topic(queue.topic)) out.push_back(queue);
        }
        co_return out;
      }(inner_->membership));
}

}  // namespace gantry::client
