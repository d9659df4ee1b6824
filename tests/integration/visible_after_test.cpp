// dispatch.visible_after in a whole node: what a send waits for, and what it is told when that is late.
#include <catch2/catch.hpp>

#include "client/connection.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/send_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace {

// Nothing is synced meanwhile, unless somebody waits for it longer than a test does.
Shape shape_of(std::vector<std::string> visible_after) {
  Shape shape;
  shape.visible_after = std::move(visible_after);
  shape.flush_interval_ms = 60'000;
  shape.plugins += "store_timeout_ms = 100\n";
  return shape;
}

// A module owns REPLICATED and never raises it.
Shape without_replicas(std::vector<std::string> visible_after) {
  Shape shape = shape_of(std::move(visible_after));
  shape.load.push_back(std::string(GANTRY_BINARY_DIR) +
                       "/lib/gantry/test-plugins/contract_probe.so");
  shape.plugins += "[plugins.contract_probe]\nrequired = true\nreplicates = true\n";
  return shape;
}

client::Reply send(const std::string& address) {
  client::Connection broker(address);
  protocol::SendMessageHeader header;
  header.producer_group = "waiting_producer";
  header.topic = "T";
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = 4;
  header.born_ms = 1'700'000'000'000;
  const Outcome<client::Reply> reply =
      broker.call(protocol::request_code::send_message_v2,
                  write_send_header(header, protocol::SendForm::v2), "body");
  INFO((reply.has_value() ? reply->remark : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

int32_t code_of_send(const Shape& shape) {
  TestNode node;
  const Outcome<void> started = node.start(shape);
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
  const int32_t code = send(node.address("broker")).code;
  node.stop();
  CHECK(node.failure() == "");
  return code;
}

}  // namespace

TEST_CASE("a send that waits for the replicas is answered 12 when they are late") {
  CHECK(code_of_send(without_replicas({"written", "replicated"})) == 12);
}

TEST_CASE("a send that waits for the disk is answered 10 when it is late, whatever else is") {
  CHECK(code_of_send(shape_of({"durable"})) == 10);
  CHECK(code_of_send(without_replicas({"durable", "replicated"})) == 10);
}

TEST_CASE("a send waits for no replicas unless it is configured, nor where no module replicates") {
  CHECK(code_of_send(without_replicas({})) == 0);
  CHECK(code_of_send(shape_of({"replicated"})) == 0);
}
