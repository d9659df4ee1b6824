// The contract's cases, which also run against the fake host, against the real one.
#include <catch2/catch.hpp>

#include <span>

#include "cases.hpp"
#include "client/connection.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace {

Shape probed(int shards) {
  Shape shape;
  shape.shards = shards;
  shape.load = {"metadata_lmdb", "store_file", "filter_tag",
                std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/contract_probe.so"};
  shape.doors = {{"probe", "contract_probe"}};
  shape.plugins = "[plugins.contract_probe]\nrequired = true\ndoor = \"probe\"\n";
  return shape;
}

client::Reply run(client::Connection& connection, const char* name) {
  const Outcome<client::Reply> reply =
      connection.call(contract::run_case_code, {{"case", name}});
  INFO(name << ": " << (reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

// A door hands its connections to the shards in turn, so one connection a shard meets them all.
void run_cases(std::span<const char* const> names, const std::string& address, int shards) {
  std::vector<client::Connection> connections;
  for (int i = 0; i < shards; ++i) connections.emplace_back(address);
  for (const char* name : names) {
    for (client::Connection& connection : connections) {
      const client::Reply answer = run(connection, name);
      INFO(name << ": " << answer.remark);
      CHECK(answer.code == 0);
    }
  }
}

void run_all(int shards) {
  TestNode node;
  const Outcome<void> started = node.start(probed(shards));
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
  run_cases(contract::case_names, node.address("probe"), shards);
  node.stop();
  CHECK(node.failure() == "");
}

}  // namespace

TEST_CASE("the real host keeps the contract on one shard") {
  run_all(1);
}

TEST_CASE("the real host keeps the contract on two shards") {
  run_all(2);
}

TEST_CASE("messaging offers topics, groups, offsets and clients as the contract says") {
  const int shards = GENERATE(1, 2);
  Shape shape = probed(shards);
  shape.load.push_back("messaging");
  shape.doors.push_back({"broker", "messaging"});
  shape.plugins += "[plugins.messaging]\nrequired = true\nbroker_door = \"broker\"\n";
  TestNode node;
  for (int start = 0; start < 2; ++start) {  // topics and groups of before are there already
    const Outcome<void> started = node.start(shape);
    INFO((started.has_value() ? "" : started.error().text));
    REQUIRE(started.has_value());
    run_cases(contract::messaging_case_names, node.address("probe"), shards);
    node.stop();
    CHECK(node.failure() == "");
  }
}

TEST_CASE("the real host changes the log as the contract says") {
  const std::string flush = GENERATE("async", "sync");
  const int shards = GENERATE(1, 2);
  Shape shape = probed(shards);
  shape.flush = flush;
  shape.segment_bytes = 256 * 1024;
  shape.plugins += "replicates = true\n";
  TestNode node;
  for (int start = 0; start < 2; ++start) {  // what was cut, raised and trimmed is a log as any
    const Outcome<void> started = node.start(shape);
    INFO((started.has_value() ? "" : started.error().text));
    REQUIRE(started.has_value());
    run_cases(contract::change_case_names, node.address("probe"), shards);
    node.stop();
    CHECK(node.failure() == "");
  }
}

TEST_CASE("a real host tells an unknown case by name") {
  TestNode node;
  REQUIRE(node.start(probed(1)).has_value());
  client::Connection connection(node.address("probe"));
  const client::Reply answer = run(connection, "no such case");
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark == "case: no such case");
}
