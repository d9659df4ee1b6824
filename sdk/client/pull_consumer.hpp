// PullConsumer: the application asks for messages when it wants some. Owned by the application; the
// Cluster must outlive it. One group in one Cluster, as for PushConsumer. Used by one thread, which
// is not the cluster's; queues are pulled ahead of it on the cluster's thread.
//
// Either subscribe(): the consumer is a member of its group, gets a share of the queues and loses
// some when others come; or assign(): it takes exactly those queues, whoever else does. What poll()
// has handed out is done when commit() says so; without it, the next owner gets it again.
//
//   client::ConsumerOptions options;
//   options.group = "billing";
//   options.from = client::From::first;
//   client::PullConsumer consumer(cluster, options);
//   if (auto joined = consumer.subscribe("orders"); !joined) return;
//   while (auto messages = consumer.poll(client::milliseconds(1000))) {
//     if (messages->empty()) break;
//     for (const auto& message : *messages) fmt::print("{}\n", message.body);
//     if (auto committed = consumer.commit(); !committed) break;
//   }
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "client/cluster.hpp"
#include "client/consumer_options.hpp"
#include "client/message.hpp"

namespace gantry::client {

class PullConsumer {
 public:
  PullConsumer(Cluster& cluster, ConsumerOptions options);
  ~PullConsumer();  // commits what commit() was called for, and leaves the group
  PullConsumer(const PullConsumer&) = delete;
  PullConsumer& operator=(const PullConsumer&) = delete;

  // Joins the group at the first one. Fails when the topic isn't there.
  Outcome<void> subscribe(std::string_view topic, std::string_view expression = "*",
                          std::string_view type = "TAG");
  // Replaces the queues of before.
  Outcome<void> assign(std::vector<MessageQueue> queues);
  // Every readable queue of a topic, to choose from.
  Outcome<std::vector<MessageQueue>> queues(std::string_view topic);

  // Messages as soon as there are some, at most `messages_max`; none after `wait`. A queue's come in
  // their order, and queue by queue.
  Outcome<std::vector<Received>> poll(milliseconds wait, size_t messages_max = 32);

  // Goes on there; what was pulled from the queue is thrown away.
  Outcome<void> seek(const MessageQueue& queue, int64_t offset);
  Outcome<void> seek_to_begin(const MessageQueue& queue);
  Outcome<void> seek_to_end(const MessageQueue& queue);
  Outcome<void> seek_to_time(const MessageQueue& queue, int64_t stored_ms);

  // All that poll() has handed out is done, and the brokers are told.
  Outcome<void> commit();
  // What the broker remembers of the group; -1 if nothing.
  Outcome<int64_t> committed(const MessageQueue& queue);

  // The queues that are this consumer's now, sorted.
  std::vector<MessageQueue> assignment();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace gantry::client
