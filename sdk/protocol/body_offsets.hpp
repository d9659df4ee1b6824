// Offsets in tables keyed by queue: TopicStatsTable (202), ConsumeStats (208), QueueOffsetTable (the
// answer of 222, the request of 220). Java keys them by the queue as an object:
// JsonStyle::legacy writes that form, which Go's client depends on.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>

#include "protocol/body_route.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

// A queue's bounds, [min, max), and when its newest message was stored (ms; 0 for none).
struct QueueBounds {
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int64_t last_stored_ms = 0;

  boost::json::value to_json() const;
  static Result<QueueBounds> from_json(const boost::json::value& json);
  friend bool operator==(const QueueBounds&, const QueueBounds&) = default;
};

struct TopicStatsTable {
  std::map<MessageQueue, QueueBounds> queues;
  double put_tps = 0;

  boost::json::value to_json() const;
  static Result<TopicStatsTable> from_json(const boost::json::value& json);
  friend bool operator==(const TopicStatsTable&, const TopicStatsTable&) = default;
};

// Where a group is in a queue. `pulled` is how far it has been served, `last_stored_ms` when the
// message before `consumed` was stored (0: unknown).
struct ConsumeOffsets {
  std::int64_t broker = 0;
  std::int64_t consumed = 0;
  std::int64_t pulled = 0;
  std::int64_t last_stored_ms = 0;

  boost::json::value to_json() const;
  static Result<ConsumeOffsets> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumeOffsets&, const ConsumeOffsets&) = default;
};

struct ConsumeStats {
  std::map<MessageQueue, ConsumeOffsets> queues;
  double consume_tps = 0;

  boost::json::value to_json() const;
  static Result<ConsumeStats> from_json(const boost::json::value& json);
  friend bool operator==(const ConsumeStats&, const ConsumeStats&) = default;
};

// Read from the object-key form and from the list form C++ members are sent
// ([{"brokerName":..,"offset":5,"queueId":0,"topic":".."}]); written as the former.
struct QueueOffsetTable {
  std::map<MessageQueue, std::int64_t> offsets;

  boost::json::value to_json() const;
  static Result<QueueOffsetTable> from_json(const boost::json::value& json);
  friend bool operator==(const QueueOffsetTable&, const QueueOffsetTable&) = default;
};

}  // namespace gantry::protocol
