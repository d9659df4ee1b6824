#include "client/consumer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <set>

#include "base/clock.hpp"
#include "protocol/body_clients.hpp"
#include "protocol/codes.hpp"
#include "protocol/json.hpp"
#include "protocol/message.hpp"
#include "protocol/property_names.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::client {
namespace {

using std::chrono::steady_clock;

constexpr int32_t batch_max = 32;
constexpr auto heartbeat_interval = std::chrono::seconds(30);
constexpr milliseconds hold_max{1000};  // of one queue, while others may have something

std::string make_client_id() {
  return fmt::format("127.0.0.1@gantryctl@{}", static_cast<int>(getpid()));
}

}  // namespace

Consumer::Consumer(Cluster& cluster, std::string group, std::string topic, From from)
    : cluster_(cluster), group_(std::move(group)), topic_(std::move(topic)), from_(from),
      client_id_(make_client_id()) {}

Consumer::~Consumer() {
  std::set<std::string> told;
  for (const Position& position : positions_) {
    if (!told.insert(position.queue.address).second) continue;
    cluster_.broker(position.queue.address)
        .call(protocol::request_code::unregister_client,
              {{"clientID", client_id_}, {"consumerGroup", group_}});
  }
}

Outcome<void> Consumer::start() {
  Outcome<protocol::TopicRouteData> route = cluster_.route(topic_);
  if (!route) return route.error();
  const std::vector<Queue> queues = readable_queues(*route);
  if (queues.empty()) {
    return fail(fmt::format("topic {} has no queue to read from: create it with `gantryctl topic "
                            "create --topic {}`, or send to it first",
                            topic_, topic_));
  }
  for (const Queue& queue : queues) positions_.push_back({queue});
  if (Outcome<void> beaten = heartbeat(); !beaten) return beaten.error();
  for (Position& position : positions_) {
    Outcome<int64_t> offset = first_offset(position.queue);
    if (!offset) return offset.error();
    position.next = *offset;
  }
  return {};
}

Outcome<void> Consumer::heartbeat() {
  protocol::SubscriptionData subscription;
  subscription.topic = topic_;
  subscription.expression = "*";
  subscription.version = SystemClock().now_ms();
  protocol::ConsumerData consumer;
  consumer.group = group_;
  consumer.type = protocol::ConsumeType::actively;
  consumer.from_where = from_ == From::first ? protocol::ConsumeFromWhere::first_offset
                                             : protocol::ConsumeFromWhere::last_offset;
  consumer.subscriptions = {subscription};
  protocol::HeartbeatData data;
  data.client_id = client_id_;
  data.consumers = {consumer};
  const std::string body = protocol::write_json(data.to_json());
  std::set<std::string> told;
  for (const Position& position : positions_) {
    const std::string& address = position.queue.address;
    if (!told.insert(address).second) continue;
    Outcome<Reply> reply =
        cluster_.broker(address).call(protocol::request_code::heart_beat, {}, body);
    if (!reply) return reply.error();
    if (reply->code != 0) return refused("broker " + address, *reply);
  }
  beat_at_ = steady_clock::now();
  return {};
}

Outcome<int64_t> Consumer::first_offset(const Queue& queue) {
  Connection& broker = cluster_.broker(queue.address);
  const std::string id = fmt::format("{}", queue.id);
  Outcome<Reply> reply = broker.call(
      protocol::request_code::query_consumer_offset,
      {{"consumerGroup", group_}, {"topic", topic_}, {"queueId", id}});
  if (!reply) return reply.error();
  if (reply->code == protocol::response_code::query_not_found) {
    if (from_ == From::first) return int64_t{0};
    reply = broker.call(protocol::request_code::get_max_offset,
                        {{"topic", topic_}, {"queueId", id}});
    if (!reply) return reply.error();
  }
  if (reply->code != 0) return refused("broker " + queue.address, *reply);
  protocol::FieldReader in(reply->fields);
  const int64_t offset = in.i64("offset");
  if (!in.ok()) return fail(fmt::format("broker {}: {}", queue.address, in.error().text));
  return offset;
}

Outcome<std::vector<Received>> Consumer::poll(milliseconds wait) {
  const auto deadline = steady_clock::now() + wait;
  for (;;) {
    if (steady_clock::now() - beat_at_ >= heartbeat_interval) {
      if (Outcome<void> beaten = heartbeat(); !beaten) return beaten.error();
    }
    // Every queue is asked at once; only when all are empty is one of them asked to hold.
    for (size_t asked = 0; asked < positions_.size(); ++asked) {
      Position& position = positions_[turn_++ % positions_.size()];
      Outcome<std::vector<Received>> messages = pull(position, milliseconds(0));
      if (!messages || !messages->empty()) return messages;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return std::vector<Received>();
    Position& position = positions_[turn_++ % positions_.size()];
    Outcome<std::vector<Received>> messages = pull(position, std::min(left, hold_max));
    if (!messages || !messages->empty()) return messages;
  }
}

Outcome<std::vector<Received>> Consumer::pull(Position& position, milliseconds hold) {
  protocol::PullMessageHeader header;
  header.consumer_group = group_;
  header.topic = topic_;
  header.queue_id = position.queue.id;
  header.queue_offset = position.next;
  header.messages_max = batch_max;
  header.sys_flag = protocol::pull_flag::subscription;
  if (hold.count() > 0) header.sys_flag |= protocol::pull_flag::suspend;
  header.suspend_timeout_ms = hold.count();
  header.subscription = "*";
  header.expression_type = "TAG";
  header.broker_name = position.queue.broker;
  Outcome<Reply> reply = cluster_.broker(position.queue.address)
                             .call(protocol::request_code::pull_message,
                                   write_pull_header(header), {}, hold + call_timeout);
  if (!reply) return reply.error();
  return read(*reply, position);
}

Outcome<std::vector<Received>> Consumer::read(const Reply& reply, Position& position) const {
  using namespace protocol::response_code;
  const std::string where = "broker " + position.queue.address;
  if (reply.code != success && reply.code != pull_not_found &&
      reply.code != pull_retry_immediately && reply.code != pull_offset_moved) {
    return refused(where, reply);
  }
  const auto answer = protocol::read_pull_answer(reply.fields);
  if (!answer) return fail(where + ": " + answer.error().text);
  position.next = answer->next_offset;
  std::vector<Received> out;
  if (reply.code != success) return out;
  const auto records = protocol::decode_records(reply.body);
  if (!records) return fail(where + ": " + records.error().text);
  for (const protocol::MessageView& record : *records) {
    out.push_back({record.message_id(), std::string(record.body),
                   std::string(record.property(protocol::property::tags).value_or("")),
                   std::string(record.property(protocol::property::keys).value_or("")),
                   position.queue, record.queue_offset, record.stored_ms});
  }
  return out;
}

Outcome<void> Consumer::commit() {
  for (Position& position : positions_) {
    if (position.committed == position.next) continue;
    Outcome<Reply> reply =
        cluster_.broker(position.queue.address)
            .call(protocol::request_code::update_consumer_offset,
                  {{"consumerGroup", group_},
                   {"topic", topic_},
                   {"queueId", fmt::format("{}", position.queue.id)},
                   {"commitOffset", fmt::format("{}", position.next)}});
    if (!reply) return reply.error();
    if (reply->code != 0) return refused("broker " + position.queue.address, *reply);
    position.committed = position.next;
  }
  return {};
}

}  // namespace gantry::client
