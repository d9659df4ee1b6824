#include "client/producer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/clock.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"

namespace gantry::client {
namespace {

constexpr int32_t auto_created_queues = 4;  // what RocketMQ's clients ask for

protocol::Host loopback() { return protocol::parse_ip("127.0.0.1", 0).value(); }

}  // namespace

Producer::Producer(Cluster& cluster, std::string group)
    : cluster_(cluster), group_(std::move(group)),
      unique_keys_(loopback(), static_cast<uint16_t>(getpid()), std::random_device()()) {}

Outcome<std::vector<Queue>> Producer::queues_for(const std::string& topic) {
  Outcome<protocol::TopicRouteData> route = cluster_.route(topic);
  if (!route) return route.error();
  std::vector<Queue> queues = writable_queues(*route);
  if (!queues.empty() || !route->queues.empty()) return queues;
  // Not there yet: a broker that creates topics offers its template instead.
  route = cluster_.route(protocol::topic::auto_create);
  if (!route) return route.error();
  for (const Queue& queue : writable_queues(*route)) {
    if (queue.id < auto_created_queues) queues.push_back(queue);
  }
  return queues;
}

Outcome<Sent> Producer::send(const Message& message) {
  if (topic_ != message.topic || queues_.empty()) {
    Outcome<std::vector<Queue>> queues = queues_for(message.topic);
    if (!queues) return queues.error();
    if (queues->empty()) {
      return fail(fmt::format("topic {} has no queue to send to: create it with `gantryctl topic "
                              "create --topic {}`",
                              message.topic, message.topic));
    }
    queues_ = std::move(*queues);
    topic_ = message.topic;
  }
  std::set<std::string> failed;
  Failure last;
  for (size_t tried = 0; tried < queues_.size(); ++tried) {
    const Queue& queue = queues_[next_++ % queues_.size()];
    if (failed.contains(queue.broker)) continue;
    Outcome<Sent> sent = send_to(queue, message);
    if (sent) return sent;
    last = sent.error();
    failed.insert(queue.broker);
  }
  queues_.clear();  // ask for the route anew
  return last;
}

Outcome<Sent> Producer::send_to(const Queue& queue, const Message& message) {
  const int64_t now_ms = SystemClock().now_ms();
  std::string properties;
  const std::string unique_key = unique_keys_.next(now_ms);
  protocol::append_property(properties, protocol::property::unique_key, unique_key);
  protocol::append_property(properties, protocol::property::wait, "true");
  if (!message.tags.empty()) {
    protocol::append_property(properties, protocol::property::tags, message.tags);
  }
  if (!message.keys.empty()) {
    protocol::append_property(properties, protocol::property::keys, message.keys);
  }
  protocol::SendMessageHeader header;
  header.producer_group = group_;
  header.topic = message.topic;
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = auto_created_queues;
  header.queue_id = queue.id;
  header.born_ms = now_ms;
  header.properties = properties;
  header.broker_name = queue.broker;
  Outcome<Reply> reply = cluster_.broker(queue.address)
                             .call(protocol::request_code::send_message_v2,
                                   write_send_header(header, protocol::SendForm::v2), message.body);
  if (!reply) return reply.error();
  if (reply->code != 0) return refused("broker " + queue.address, *reply);
  const auto answer = protocol::read_send_answer(reply->fields);
  if (!answer) return fail(fmt::format("broker {}: {}", queue.address, answer.error().text));
  return Sent{unique_key, {queue.broker, queue.address, answer->queue_id}, answer->queue_offset};
}

}  // namespace gantry::client
