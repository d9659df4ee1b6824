// What push and pull consumers share of their options. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "client/allocation.hpp"
#include "client/request.hpp"
#include "client/trouble.hpp"
#include "protocol/body_clients.hpp"

namespace gantry::client {

using protocol::MessageModel;

// Where a group begins in a queue for which nothing is remembered.
enum class From { last, first, timestamp };
protocol::ConsumeFromWhere from_where(From from);

using Allocate = std::vector<MessageQueue> (*)(std::span<const MessageQueue> queues,
                                               std::span<const std::string> members,
                                               const std::string& member);

struct ConsumerOptions {
  std::string group;
  // Clustering: the members share the queues, brokers remember offsets. Broadcasting: every consumer
  // gets everything and remembers by itself.
  MessageModel model = MessageModel::clustering;
  From from = From::last;
  int64_t from_ms = 0;           // with From::timestamp: messages stored then or later
  Allocate allocate = allocate_average;
  // Broadcasting: where offsets are kept over restarts; empty: nowhere. What they were before is
  // beside it (".bak"), and read where the file isn't there or is damaged; with both damaged the
  // consumer doesn't start.
  std::string offsets_file = {};
  int32_t pull_batch = 32;       // messages a pull asks for
  milliseconds hold{15'000};     // how long a broker may keep a pull that finds nothing
  size_t cached_messages_max = 1000;       // of one queue: more isn't pulled
  size_t cached_bytes_max = 32u << 20;     // of one queue
  milliseconds commit_interval{5000};
  milliseconds rebalance_interval{20'000};
  milliseconds pull_retry_delay{1000};     // after a pull that failed
  // What a pull brings and nobody can read holds its queue back: it is pulled again after
  // pull_retry_delay, then twice that and so on, at most unreadable_delay_max, and told each time.
  // Who knows better seeks beyond it, or resets the group's offset. True: it is told and skipped.
  bool skip_unreadable = false;
  milliseconds unreadable_delay_max{30'000};
  TroubleListener on_trouble = {};         // empty: a line on standard error
};

}  // namespace gantry::client
