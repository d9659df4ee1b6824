// Message: what a producer sends. Received: what a consumer gets. Values that own their texts; any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "client/queue.hpp"
#include "protocol/message.hpp"

namespace gantry::client {

struct Message {
  std::string topic;
  std::string body;
  std::string tags = {};  // one tag; consumers filter by it
  std::string keys = {};  // to find it by, blank-separated
  // The application's own; names the protocol uses are refused.
  std::vector<std::pair<std::string, std::string>> properties = {};
  int32_t flag = 0;
  int32_t delay_level = 0;   // 1 (a second) to 18 (two hours); 0: at once
  bool wait_stored = true;   // the answer waits for flush and replicas, as the broker is set up
};

// What became of a message the broker stored (remoting: codes 0, 10, 12, 11). All but `stored` mean
// that it is there but a promise about it was not kept in time.
enum class Stored { stored, flush_disk_timeout, flush_slave_timeout, slave_not_available };

struct Sent {
  Stored status = Stored::stored;
  std::string message_id;  // the unique key; of a batch, its messages' keys with commas between
  std::string offset_id;   // where it is; of a batch, likewise
  Queue queue;
  int64_t queue_offset = 0;  // of a batch's first
  std::string transaction_id = {};
  std::string recall_handle = {};
};

struct Received {
  std::string topic;  // of a retried message: the topic it was sent to first
  std::string body;   // inflated
  std::string tags;
  std::string keys;
  std::string properties;  // as stored; protocol::Properties reads them
  std::string message_id;  // the unique key, else the offset id
  std::string offset_id;
  Queue queue;  // of a retried message: the retry topic's
  int64_t queue_offset = 0;
  int64_t log_offset = 0;
  int64_t born_ms = 0;
  int64_t stored_ms = 0;
  std::string born_host;
  std::string store_host;
  int32_t flag = 0;
  int32_t reconsume_times = 0;

  std::optional<std::string_view> property(std::string_view name) const;
};

// A record as a consumer gets it; fails when its body can't be inflated.
Outcome<Received> received_of(const protocol::MessageView& record, const Queue& queue);
// The same of its bytes.
Outcome<Received> received_of(std::string_view record, const Queue& queue);

// Where a message goes. Default: the queues in turn, and another broker's when one fails.
struct Destination {
  // The broker's name and the queue's number; it is sent there or nowhere.
  struct Exact {
    std::string broker;
    int32_t id = 0;
  };
  // Answers an index into the queues, which are sorted by broker and number. Runs on the cluster's
  // thread: it must not wait.
  using Selector = std::function<size_t(std::span<const Queue>)>;

  std::optional<Exact> exact = {};
  Selector selector = {};

  // Messages with one key go to one queue as long as the queues stay the same; the queue Java's
  // SelectMessageQueueByHash chooses for that text.
  static Destination by_key(std::string_view key);
};

}  // namespace gantry::client
