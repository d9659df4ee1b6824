#include "connections.hpp"

#include <set>
#include <string>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

protocol::ClientConnection connection(const Client& client) {
  return {client.id, client.address, std::string(protocol::language_name(client.language)),
          client.version};
}

protocol::ProducerInfo producer_info(const Producer& producer) {
  const Client& client = producer.client;
  return {client.id, "/" + client.address, std::string(protocol::language_name(client.language)),
          client.version, producer.heard_ms};
}

}  // namespace

gantry_status Connections::consumers(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("consumerGroup");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const auto group = clients_.group(name);
  if (!group) {
    return refuse(services_, token, code::consumer_not_online,
                  "the consumer group[" + std::string(name) + "] not online");
  }
  protocol::ConsumerConnection body;
  body.type = group->type;
  body.model = group->model;
  body.from_where = group->from_where;
  for (const Client& member : group->members) body.connections.push_back(connection(member));
  for (const auto& one : group->subscriptions) body.subscriptions.emplace(one.topic, one);
  return answer_body(services_, token, protocol::write_body(body));
}

gantry_status Connections::producers(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view group = in.text("producerGroup");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  protocol::ProducerConnection body;
  for (const Producer& one : clients_.producers(group)) {
    body.connections.push_back(connection(one.client));
  }
  if (body.connections.empty()) {
    return refuse(services_, token, code::system_error,
                  "the producer group[" + std::string(group) + "] not exist");
  }
  return answer_body(services_, token, protocol::write_body(body));
}

gantry_status Connections::all_producers(gantry_token token) {
  return go_on_in_worker(services_, token, [this, token](const gantry_call&) {
    protocol::ProducerTable table;
    for (const auto& [group, producers] : clients_.producers()) {
      auto& infos = table.groups[group];
      for (const Producer& one : producers) infos.push_back(producer_info(one));
    }
    return answer_body(services_, token, protocol::write_body(table));
  });
}

// Those that read it now, and those that ever stood somewhere in it.
gantry_status Connections::groups_on_topic(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view topic = in.text("topic");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token, [this, token, topic = std::string(topic)](const gantry_call&) {
        std::set<std::string> groups;
        for (std::string& group : clients_.groups_on(topic)) groups.insert(std::move(group));
        for (CommittedOffset& one :
             offsets_.collect([&](const QueueKey& key) { return key.topic == topic; })) {
          groups.insert(std::move(one.group));
        }
        const protocol::GroupList list{{groups.begin(), groups.end()}};
        return answer_body(services_, token, protocol::write_body(list));
      });
}

gantry_status Connections::topics_of_group(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view group = in.text("group");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token, [this, token, group = std::string(group)](const gantry_call&) {
        std::set<std::string> topics;
        for (CommittedOffset& one :
             offsets_.collect([&](const QueueKey& key) { return key.group == group; })) {
          topics.insert(std::move(one.topic));
        }
        const protocol::TopicList list{{topics.begin(), topics.end()}, node_.address};
        return answer_body(services_, token, protocol::write_body(list));
      });
}

gantry_status Connections::subscription(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  protocol::GroupSubscription body;
  body.group = in.text("group");
  body.topic = in.text_or("topic", {});
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  body.subscription = clients_.subscription(body.group, body.topic);
  return answer_body(services_, token, protocol::write_body(body));
}

}  // namespace gantry::messaging
