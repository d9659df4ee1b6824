// Steps and completions that don't come: a stop ends all the same, and tells of them.
#include <catch2/catch.hpp>

#include <vector>

#include "faulty_node.hpp"
#include "integration/pipeline.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/send_header.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

constexpr int32_t unserved_code = 9999;

Shape with_store(const std::string& plugin) {
  Shape shape = faulty_shape({.plugin = plugin, .plugin_keys = "end_ms_max = 200\n"});
  std::erase(shape.load, "metadata_lmdb");
  return shape;
}

gantry::client::Fields new_topic_send() {
  gantry::protocol::SendMessageHeader header;
  header.producer_group = "faulty_producer";
  header.topic = "new";
  header.default_topic = gantry::protocol::topic::auto_create;
  header.default_topic_queues = 1;
  return write_send_header(header, gantry::protocol::SendForm::v2);
}

}  // namespace

TEST_CASE("a quiesce and a drain that never end are told, and the stop goes on without") {
  FaultyNode node;
  Shape shape = faulty_shape({.plugin = "never_ends", .plugin_keys = "end_ms_max = 200\n"});
  shape.plugins.replace(shape.plugins.find("[plugins.faulty]"), 16, "[plugins.never_ends]");
  node.start(shape);
  REQUIRE(node.is_ready());
  check_others_go_on(node);
  const NodeProcess::End end = node.stop();
  INFO(node.said());
  CHECK(end.code == 0);
  CHECK_THAT(node.said(), Contains("instance never_ends: quiesce is not over after 200 ms"));
  CHECK_THAT(node.said(), Contains("instance never_ends: drain is not over after 200 ms"));
}

TEST_CASE("a store that says a write is done before it returns serves as well as any") {
  FaultyNode node;
  node.start(with_store("completes_at_once"));
  REQUIRE(node.is_ready());
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}

TEST_CASE("who waits for a store that never completes is answered at stop, which ends in time") {
  FaultyNode node;
  node.start(with_store("never_completes"));
  REQUIRE(node.is_ready());
  {
    Pipeline client(node.address("broker"));
    client.send(gantry::protocol::request_code::send_message_v2, new_topic_send());
    client.send(unserved_code, {});
    const auto answered = client.receive();
    REQUIRE(answered.has_value());
    CHECK(answered->code == gantry::protocol::response_code::request_code_not_supported);
    node.terminate();  // the topic is not stored: the send still waits
    const auto handed_back = client.receive();
    REQUIRE(handed_back.has_value());
    CHECK(handed_back->code == gantry::protocol::response_code::system_busy);
  }
  const NodeProcess::End end = node.end();
  INFO(node.said());
  CHECK(end.code == 0);
}
