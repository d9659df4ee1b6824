#include "faulty_node.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"

namespace gantry::integration {
namespace {

client::Reply reply_of(const Outcome<client::Reply>& reply) {
  INFO((reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

}  // namespace

std::string faulty_file(const std::string& plugin) {
  return std::string(GANTRY_BINARY_DIR) + "/lib/gantry/faulty-plugins/" + plugin + ".so";
}

Shape faulty_shape(const FaultySetup& setup) {
  Shape shape;
  shape.load.push_back(faulty_file(setup.plugin));
  shape.plugin_keys = setup.plugin_keys;
  if (setup.has_door) shape.doors.push_back({"faulty", "faulty"});
  shape.plugins += fmt::format("\n[plugins.faulty]\n{}\n", setup.keys);
  return shape;
}

client::Reply FaultyNode::ask(const client::Fields& fields, const std::string& body,
                              const std::string& door) const {
  client::Connection connection(address(door));
  return reply_of(connection.call(faulty_code, fields, body));
}

client::Reply Messaging::send(const std::string& topic, const std::string& properties) {
  protocol::SendMessageHeader header;
  header.producer_group = "faulty_producer";
  header.topic = topic;
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = 1;
  header.born_ms = 1'700'000'000'000;
  header.properties = properties;
  return reply_of(broker_.call(protocol::request_code::send_message_v2,
                               write_send_header(header, protocol::SendForm::v2), "body"));
}

client::Reply Messaging::pull(const std::string& topic, const std::string& expression_type,
                              const std::string& expression) {
  protocol::PullMessageHeader header;
  header.consumer_group = "faulty_consumer";
  header.topic = topic;
  header.messages_max = 32;
  header.sys_flag = 4;  // with a subscription; not held
  header.subscription = expression;
  header.expression_type = expression_type;
  return reply_of(
      broker_.call(protocol::request_code::pull_message, write_pull_header(header)));
}

void check_others_go_on(const NodeProcess& node) {
  Messaging client(node);
  CHECK(client.send("others").code == 0);
  const client::Reply pulled = client.pull("others");
  CHECK(pulled.code == 0);
  CHECK(pulled.body.find("body") != std::string::npos);
}

}  // namespace gantry::integration
