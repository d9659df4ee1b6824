// Producer: sends messages, one queue after the other. Owned and used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/cluster.hpp"
#include "protocol/ids.hpp"
#include "protocol/send_header.hpp"

namespace gantry::client {

struct Message {
  std::string topic;
  std::string body;
  std::string tags;
  std::string keys;
};

struct Sent {
  std::string message_id;  // the unique key
  Queue queue;
  int64_t queue_offset = 0;
};

class Producer {
 public:
  Producer(Cluster& cluster, std::string group);

  // Acknowledged as the broker promises. A topic that isn't there is created by the broker if it
  // does that. Another queue is tried when a broker fails, as often as there are brokers.
  Outcome<Sent> send(const Message& message);

 private:
  Outcome<std::vector<Queue>> queues_for(const std::string& topic);
  Outcome<Sent> send_to(const Queue& queue, const Message& message);

  Cluster& cluster_;
  const std::string group_;
  protocol::UniqueKeys unique_keys_;
  std::string topic_;  // that queues_ are of
  std::vector<Queue> queues_;
  size_t next_ = 0;
};

}  // namespace gantry::client
