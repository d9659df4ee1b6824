#include "protocol/body_offsets.hpp"

#include "protocol/body_by_queue.hpp"

namespace gantry::protocol {
namespace bj = boost::json;
namespace {

double read_double(const Members& in, std::string_view name) {
  const bj::value* json = in.find(name);
  return json != nullptr && json->is_number() ? json->to_number<double>() : 0;
}

// A bare number where a body is expected.
struct Offset {
  std::int64_t value = 0;
  static Result<Offset> from_json(const bj::value& json) {
    const bj::value wrapped = bj::object{{"offset", json}};
    Members in(wrapped, "offset table");
    Offset offset;
    in.read("offset", offset.value);
    if (!in.ok()) return in.error();
    return offset;
  }
};

struct ListedOffset {
  MessageQueue queue;
  std::int64_t offset = 0;
  static Result<ListedOffset> from_json(const bj::value& json) {
    Members in(json, "offset");
    ListedOffset listed;
    in.read("topic", listed.queue.topic);
    in.read("brokerName", listed.queue.broker_name);
    in.read("queueId", listed.queue.queue_id);
    in.read("offset", listed.offset);
    if (!in.ok()) return in.error();
    return listed;
  }
};

}  // namespace

bj::value QueueBounds::to_json() const {
  return bj::object{{"lastUpdateTimestamp", last_stored_ms},
                    {"maxOffset", max_offset},
                    {"minOffset", min_offset}};
}

Result<QueueBounds> QueueBounds::from_json(const bj::value& json) {
  Members in(json, "queue bounds");
  QueueBounds bounds;
  in.read("lastUpdateTimestamp", bounds.last_stored_ms);
  in.read("maxOffset", bounds.max_offset);
  in.read("minOffset", bounds.min_offset);
  if (!in.ok()) return in.error();
  return bounds;
}

bj::value TopicStatsTable::to_json() const {
  return bj::object{{"offsetTable", json_by_queue(queues)}, {"topicPutTps", put_tps}};
}

Result<TopicStatsTable> TopicStatsTable::from_json(const bj::value& json) {
  Members in(json, "topic stats");
  TopicStatsTable stats;
  auto queues = read_by_queue<QueueBounds>(in, "offsetTable");
  stats.put_tps = read_double(in, "topicPutTps");
  if (!in.ok()) return in.error();
  if (!queues) return queues.error();
  stats.queues = std::move(*queues);
  return stats;
}

bj::value ConsumeOffsets::to_json() const {
  return bj::object{{"brokerOffset", broker},
                    {"consumerOffset", consumed},
                    {"lastTimestamp", last_stored_ms},
                    {"pullOffset", pulled}};
}

Result<ConsumeOffsets> ConsumeOffsets::from_json(const bj::value& json) {
  Members in(json, "consume offsets");
  ConsumeOffsets offsets;
  in.read("brokerOffset", offsets.broker);
  in.read("consumerOffset", offsets.consumed);
  in.read("lastTimestamp", offsets.last_stored_ms);
  in.read("pullOffset", offsets.pulled);
  if (!in.ok()) return in.error();
  return offsets;
}

bj::value ConsumeStats::to_json() const {
  return bj::object{{"consumeTps", consume_tps}, {"offsetTable", json_by_queue(queues)}};
}

Result<ConsumeStats> ConsumeStats::from_json(const bj::value& json) {
  Members in(json, "consume stats");
  ConsumeStats stats;
  auto queues = read_by_queue<ConsumeOffsets>(in, "offsetTable");
  stats.consume_tps = read_double(in, "consumeTps");
  if (!in.ok()) return in.error();
  if (!queues) return queues.error();
  stats.queues = std::move(*queues);
  return stats;
}

bj::value QueueOffsetTable::to_json() const {
  bj::object table;
  for (const auto& [queue, offset] : offsets) table[queue.json_key()] = offset;
  return bj::object{{"offsetTable", std::move(table)}};
}

Result<QueueOffsetTable> QueueOffsetTable::from_json(const bj::value& json) {
  Members in(json, "offset table");
  QueueOffsetTable table;
  const bj::value* member = in.find("offsetTable");
  if (member != nullptr && member->is_array()) {
    std::vector<ListedOffset> listed;
    in.read_list("offsetTable", listed);
    for (auto& one : listed) table.offsets[std::move(one.queue)] = one.offset;
  } else {
    auto queues = read_by_queue<Offset>(in, "offsetTable");
    if (in.ok() && !queues) return queues.error();
    if (in.ok()) {
      for (const auto& [queue, offset] : *queues) table.offsets[queue] = offset.value;
    }
  }
  if (!in.ok()) return in.error();
  return table;
}

}  // namespace gantry::protocol
