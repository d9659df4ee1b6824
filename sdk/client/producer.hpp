// Producer: sends messages for a group. Used by any threads but the cluster's own, where completions
// run. Owned by the application; the Cluster must outlive it. Ends when what it was sending is
// answered, at the latest after send_timeout.
//
// When a send fails on the way, or the broker answers that another one may do it (17, 14, 1, 2, 16,
// 204, 205, 1500: client: DefaultMQProducer), it is tried again on a queue of another broker, on
// another queue where there is but one; `retries` times, all within send_timeout. So a message may
// be stored twice. A named queue or a selector is taken at its word: one try. What a selector throws
// is the send's failure; what a completion throws is dropped.
//
// Queues are taken in turn. A topic that isn't there is asked of the broker that creates topics
// (TBW102), with 4 queues.
//
//   client::Cluster cluster("127.0.0.1:9876");
//   client::Producer producer(cluster, "my_group");
//   auto sent = producer.send({.topic = "orders", .body = "hello", .keys = "order-7"});
//   if (!sent) fmt::print("{}\n", sent.error().text);
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client/cluster.hpp"
#include "client/compression.hpp"
#include "client/message.hpp"

namespace gantry::client {

struct ProducerOptions {
  std::string group;
  milliseconds send_timeout{3000};  // of a send with all its tries
  int retries = 2;                  // after the first try
  // Also when the message is stored but flush or replicas were late: it is then there twice.
  bool retry_when_stored_late = false;
  // Bodies above compress_above bytes are compressed, if a kind is given.
  std::optional<Compression> compression = {};
  size_t compress_above = 4096;
  int compression_level = 5;
  size_t body_bytes_max = 4u << 20;     // before compression, of a batch all together
  int32_t auto_created_queues = 4;
  size_t under_way_max = 65'536;        // sends not yet answered; one more is refused at once
};

class Producer {
 public:
  using Completion = std::function<void(Outcome<Sent>)>;

  Producer(Cluster& cluster, std::string group);
  Producer(Cluster& cluster, ProducerOptions options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Acknowledged as the broker promises.
  Outcome<Sent> send(const Message& message, const Destination& to = {});
  // Returns at once; `done` runs on the cluster's thread, on every way once, and must not wait.
  void send_async(const Message& message, Completion done, const Destination& to = {});
  // Handed to the connection; nobody tells whether it arrived. One try.
  Outcome<void> send_oneway(const Message& message, const Destination& to = {});
  // Messages of one topic, stored together in one queue, with consecutive offsets.
  Outcome<Sent> send_batch(std::span<const Message> messages, const Destination& to = {});

 private:
  class Sender;
  std::shared_ptr<Sender> sender_;
};

}  // namespace gantry::client
