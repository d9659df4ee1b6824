// Consumer: reads every queue of a topic for a group and commits what it handed out. It takes all
// queues, whoever else is in the group: a tool's consumer, not an application's share. Owned and
// used by one thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "client/cluster.hpp"

namespace gantry::client {

struct Received {
  std::string message_id;
  std::string body;
  std::string tags;
  std::string keys;
  Queue queue;
  int64_t queue_offset = 0;
  int64_t stored_ms = 0;
};

class Consumer {
 public:
  // Where a group without a committed offset begins.
  enum class From { first, last };
  Consumer(Cluster& cluster, std::string group, std::string topic, From from);
  ~Consumer();  // unregisters, as far as brokers can be reached

  // Registers with the brokers and finds where to go on.
  Outcome<void> start();
  // Messages, as soon as any queue has some; none after `wait`. The broker holds the request: no
  // polling.
  Outcome<std::vector<Received>> poll(milliseconds wait);
  // What poll has handed out is done: the group goes on behind it.
  Outcome<void> commit();

 private:
  struct Position {
    Queue queue;
    int64_t next = 0;
    int64_t committed = -1;
  };
  Outcome<void> heartbeat();
  Outcome<int64_t> first_offset(const Queue& queue);
  Outcome<std::vector<Received>> pull(Position& position, milliseconds hold);
  Outcome<std::vector<Received>> read(const Reply& reply, Position& position) const;

  Cluster& cluster_;
  const std::string group_;
  const std::string topic_;
  const From from_;
  const std::string client_id_;
  std::vector<Position> positions_;
  size_t turn_ = 0;
  std::chrono::steady_clock::time_point beat_at_;
};

}  // namespace gantry::client
