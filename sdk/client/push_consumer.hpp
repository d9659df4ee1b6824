// PushConsumer: calls the application with what a group's topics get. Owned by the application; the
// Cluster must outlive it. One group in one Cluster: two consumers of one group need two Clusters,
// as every member of a group is a client of its own.
//
// Threads: listeners run on the consumer's own threads (`threads` of them), which may wait as long as
// they like; everything else runs on the cluster's thread. start() and stop() are called from any
// other thread but a listener's, subscribe() before start(). stop(), or the end, waits for listeners
// that run; what was pulled and not begun is left to the next owner of the queue.
//
// A message comes at least once. A concurrent listener gets messages in any order; one that says
// `later` gets the message again after the broker's delay, through %RETRY%group (36), or, as long as
// the broker refuses that, from this consumer after retry_delay. An orderly listener gets a queue's
// messages one batch after the other, under the queue's lock (41), and after `suspend` the same
// batch again.
//
//   client::PushConsumerOptions options;
//   options.group = "billing";
//   client::PushConsumer consumer(cluster, options);
//   consumer.subscribe("orders", "paid || sent");
//   consumer.on_messages([](std::span<const client::Received> messages) {
//     for (const auto& message : messages) fmt::print("{}\n", message.body);
//     return client::Consumed::done;
//   });
//   if (auto started = consumer.start(); !started) fmt::print("{}\n", started.error().text);
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "client/cluster.hpp"
#include "client/consumer_options.hpp"
#include "client/message.hpp"

namespace gantry::client {

enum class Consumed { done, later };
enum class ConsumedInOrder { done, suspend };

// A listener that throws said `later`, or `suspend`.
using Listener = std::function<Consumed(std::span<const Received>)>;
using OrderlyListener = std::function<ConsumedInOrder(std::span<const Received>)>;

struct PushConsumerOptions : ConsumerOptions {
  size_t threads = 20;
  size_t listener_batch = 1;            // messages a listener is called with, at most
  int32_t tries_max = 16;               // then a message goes to %DLQ%group; orderly: never
  milliseconds retry_delay{5000};       // of a failed message the broker doesn't take back
  milliseconds suspend_delay{1000};     // of an orderly queue
};

class PushConsumer {
 public:
  PushConsumer(Cluster& cluster, PushConsumerOptions options);
  ~PushConsumer();
  PushConsumer(const PushConsumer&) = delete;
  PushConsumer& operator=(const PushConsumer&) = delete;

  // `expression`: "*", or tags "a || b"; with type "SQL92" over properties.
  Outcome<void> subscribe(std::string_view topic, std::string_view expression = "*",
                          std::string_view type = "TAG");
  // One of the two, before start().
  void on_messages(Listener listener);
  void on_messages_in_order(OrderlyListener listener);

  // Registers, takes its share of the queues and begins. Fails when no broker can be reached or the
  // group's name is illegal.
  Outcome<void> start();
  void stop();

  // The queues that are this consumer's now, sorted.
  std::vector<MessageQueue> assignment();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace gantry::client
