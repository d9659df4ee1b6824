#include "protocol/body_connections.hpp"

#include "protocol/body_members.hpp"

namespace gantry::protocol {
namespace bj = boost::json;

bj::value ClientConnection::to_json() const {
  return bj::object{{"clientAddr", address},
                    {"clientId", client_id},
                    {"language", language},
                    {"version", version}};
}

Result<ClientConnection> ClientConnection::from_json(const bj::value& json) {
  Members in(json, "connection");
  ClientConnection connection;
  in.read("clientAddr", connection.address);
  in.read("clientId", connection.client_id);
  in.read("language", connection.language);
  in.read("version", connection.version);
  if (!in.ok()) return in.error();
  return connection;
}

bj::value ConsumerConnection::to_json() const {
  return bj::object{{"connectionSet", json_list(connections)},
                    {"consumeFromWhere", consume_from_where_name(from_where)},
                    {"consumeType", consume_type_name(type)},
                    {"messageModel", message_model_name(model)},
                    {"subscriptionTable", json_map(subscriptions)}};
}

Result<ConsumerConnection> ConsumerConnection::from_json(const bj::value& json) {
  // How it consumes is spelled as in a heartbeat.
  const auto consumer = ConsumerData::from_json(json);
  if (!consumer) return consumer.error();
  Members in(json, "consumer connection");
  ConsumerConnection out;
  out.type = consumer->type;
  out.model = consumer->model;
  out.from_where = consumer->from_where;
  in.read_list("connectionSet", out.connections);
  in.read_map("subscriptionTable", out.subscriptions);
  if (!in.ok()) return in.error();
  return out;
}

bj::value ProducerConnection::to_json() const {
  return bj::object{{"connectionSet", json_list(connections)}};
}

Result<ProducerConnection> ProducerConnection::from_json(const bj::value& json) {
  Members in(json, "producer connection");
  ProducerConnection out;
  in.read_list("connectionSet", out.connections);
  if (!in.ok()) return in.error();
  return out;
}

bj::value SubscriptionGroupTable::to_json() const {
  return bj::object{{"dataVersion", data_version.to_json()},
                    {"forbiddenTable", json_raw(forbidden)},
                    {"subscriptionGroupTable", json_map(groups)}};
}

Result<SubscriptionGroupTable> SubscriptionGroupTable::from_json(const bj::value& json) {
  Members in(json, "group table");
  SubscriptionGroupTable table;
  in.read_body("dataVersion", table.data_version);
  in.read_map("subscriptionGroupTable", table.groups);
  in.read_raw("forbiddenTable", table.forbidden);
  if (!in.ok()) return in.error();
  return table;
}

}  // namespace gantry::protocol
