// Admin: what an operator does to brokers. Owned and used by one thread.
#pragma once

#include <string>

#include "client/cluster.hpp"

namespace gantry::client {

struct TopicOptions {
  std::string name;
  int32_t read_queues = 8;
  int32_t write_queues = 8;
  int32_t perm = 6;
};

class Admin {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  // Creates or changes the topic on every master; answers their addresses.
  Outcome<std::vector<std::string>> create_topic(const TopicOptions& topic);

 private:
  Cluster& cluster_;
};

}  // namespace gantry::client
