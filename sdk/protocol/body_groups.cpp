#include "protocol/body_groups.hpp"

#include "protocol/body_members.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace bj = boost::json;
namespace {

bj::object json_offsets(const std::map<MessageQueue, std::int64_t>& offsets) {
  bj::object out;
  for (const auto& [queue, offset] : offsets) out[queue.json_key()] = offset;
  return out;
}

// A map of numbers whose keys are something else as text.
template <class Key, class Read>
Result<std::map<Key, std::int64_t>> read_offsets(const bj::value& json, std::string_view what,
                                                 Read read) {
  std::map<Key, std::int64_t> out;
  if (json.is_null()) return out;
  if (!json.is_object()) return error(std::string(what) + ": an object is expected");
  for (const auto& member : json.get_object()) {
    Result<Key> key = read(text_of(member.key()));
    if (!key) return key.error();
    const bj::value wrapped = bj::object{{"offset", member.value()}};
    Members in(wrapped, what);
    std::int64_t offset = 0;
    in.read("offset", offset);
    if (!in.ok()) return in.error();
    out[std::move(*key)] = offset;
  }
  return out;
}

Result<std::map<MessageQueue, std::int64_t>> read_queues(const bj::value& json) {
  return read_offsets<MessageQueue>(json, "offsets", MessageQueue::from_json_key);
}

Result<std::int32_t> read_queue_id(std::string_view key) {
  const bj::value wrapped = bj::object{{"queueId", bj::string_view(key)}};
  Members in(wrapped, "offsets");
  std::int32_t id = 0;
  in.read("queueId", id);
  if (!in.ok()) return in.error();
  return id;
}

}  // namespace

bj::value ProducerInfo::to_json() const {
  return bj::object{{"clientId", client_id},
                    {"language", language},
                    {"lastUpdateTimestamp", last_heard_ms},
                    {"remoteIP", address},
                    {"version", version}};
}

Result<ProducerInfo> ProducerInfo::from_json(const bj::value& json) {
  Members in(json, "producer");
  ProducerInfo info;
  in.read("clientId", info.client_id);
  in.read("language", info.language);
  in.read("lastUpdateTimestamp", info.last_heard_ms);
  in.read("remoteIP", info.address);
  in.read("version", info.version);
  if (!in.ok()) return in.error();
  return info;
}

bj::value ProducerTable::to_json() const {
  bj::object data;
  for (const auto& [group, producers] : groups) data[group] = json_list(producers);
  return bj::object{{"data", std::move(data)}};
}

Result<ProducerTable> ProducerTable::from_json(const bj::value& json) {
  Members in(json, "producers");
  ProducerTable table;
  const bj::value* data = in.find("data");
  if (!in.ok()) return in.error();
  if (data == nullptr) return table;
  if (!data->is_object()) return error("producers.data: an object is expected");
  for (const auto& member : data->get_object()) {
    const bj::value wrapped = bj::object{{"list", member.value()}};
    Members list(wrapped, "producers");
    list.read_list("list", table.groups[std::string(text_of(member.key()))]);
    if (!list.ok()) return list.error();
  }
  return table;
}

bj::value GroupSubscription::to_json() const {
  bj::object out{{"group", group}};
  if (subscription) out["subscriptionData"] = subscription->to_json();
  out["topic"] = topic;
  return out;
}

Result<GroupSubscription> GroupSubscription::from_json(const bj::value& json) {
  Members in(json, "subscription of a group");
  GroupSubscription out;
  in.read("group", out.group);
  in.read("topic", out.topic);
  if (in.find("subscriptionData") != nullptr) {
    in.read_body("subscriptionData", out.subscription.emplace());
  }
  if (!in.ok()) return in.error();
  return out;
}

bj::value ConsumerStatus::to_json() const {
  bj::object by_client;
  for (const auto& [client, offsets] : clients) by_client[client] = json_offsets(offsets);
  return bj::object{{"consumerTable", std::move(by_client)},
                    {"messageQueueTable", json_offsets(queues)}};
}

Result<ConsumerStatus> ConsumerStatus::from_json(const bj::value& json) {
  Members in(json, "consumer status");
  ConsumerStatus status;
  if (const bj::value* queues = in.find("messageQueueTable")) {
    auto read = read_queues(*queues);
    if (!read) return read.error();
    status.queues = std::move(*read);
  }
  if (const bj::value* clients = in.find("consumerTable")) {
    if (!clients->is_object()) return error("consumerTable: an object is expected");
    for (const auto& member : clients->get_object()) {
      auto read = read_queues(member.value());
      if (!read) return read.error();
      status.clients[std::string(text_of(member.key()))] = std::move(*read);
    }
  }
  if (!in.ok()) return in.error();
  return status;
}

bj::value CommittedOffsets::to_json() const {
  bj::object table;
  for (const auto& [name, queues] : offsets) {
    bj::object by_queue;
    for (const auto& [queue_id, offset] : queues) by_queue[std::to_string(queue_id)] = offset;
    table[name] = std::move(by_queue);
  }
  return bj::object{{"dataVersion", data_version.to_json()}, {"offsetTable", std::move(table)}};
}

Result<CommittedOffsets> CommittedOffsets::from_json(const bj::value& json) {
  Members in(json, "committed offsets");
  CommittedOffsets out;
  in.read_body("dataVersion", out.data_version);
  if (const bj::value* table = in.find("offsetTable")) {
    if (!table->is_object()) return error("offsetTable: an object is expected");
    for (const auto& member : table->get_object()) {
      auto queues = read_offsets<std::int32_t>(member.value(), "offsets", read_queue_id);
      if (!queues) return queues.error();
      out.offsets[std::string(text_of(member.key()))] = std::move(*queues);
    }
  }
  if (!in.ok()) return in.error();
  return out;
}

bj::value GroupConfigList::to_json() const {
  return bj::object{{"groupConfigList", json_list(groups)}};
}

Result<GroupConfigList> GroupConfigList::from_json(const bj::value& json) {
  Members in(json, "group list");
  GroupConfigList list;
  in.read_list("groupConfigList", list.groups);
  if (!in.ok()) return in.error();
  return list;
}

std::string write_offset_list(const QueueOffsetTable& table) {
  bj::array list;
  for (const auto& [queue, offset] : table.offsets) {
    list.push_back(bj::object{{"brokerName", queue.broker_name},
                              {"offset", offset},
                              {"queueId", queue.queue_id},
                              {"topic", queue.topic}});
  }
  return write_json(bj::object{{"offsetTable", std::move(list)}});
}

}  // namespace gantry::protocol
