// What keeps a node from starting is told with the name the operator looks for.
#include <catch2/catch.hpp>

#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

std::string refusal(const Outcome<void>& started) {
  REQUIRE(!started.has_value());
  return started.error().text;
}

}  // namespace

TEST_CASE("a second node on a data folder is refused and told which") {
  TestNode first;
  REQUIRE(first.start({}).has_value());
  TestNode second;
  CHECK_THAT(refusal(second.start_on(first.data_dir(), {})), Contains(first.data_dir().string()));
  // Nor is the first disturbed: the folder is free once it ends.
  first.stop();
  CHECK(second.start_on(first.data_dir(), {}).has_value());
}

TEST_CASE("a port in use is named, with its door") {
  TestNode first;
  REQUIRE(first.start({}).has_value());
  Shape shape;
  shape.doors[1].address = first.address("broker");
  TestNode second;
  const std::string text = refusal(second.start(shape));
  CHECK_THAT(text, Contains("broker"));
  CHECK_THAT(text, Contains(first.address("broker")));
}

TEST_CASE("a door's handler that is no module of the node is named, with the door") {
  Shape shape;
  shape.doors[1].handler = "no_such_handler";
  TestNode node;
  const std::string text = refusal(node.start(shape));
  CHECK_THAT(text, Contains("no_such_handler"));
  CHECK_THAT(text, Contains("door broker"));
}

TEST_CASE("a required module that no loaded library has is named") {
  Shape shape;
  shape.load = {"metadata_lmdb", "store_file", "nameserver"};
  shape.doors = {{"nameserver", "nameserver"}};
  TestNode node;
  CHECK_THAT(refusal(node.start(shape)), Contains("messaging"));
}

TEST_CASE("a required library that is not there is named by its file") {
  Shape shape;
  shape.load = {"no_such_library"};
  shape.doors = {};
  shape.plugins = "[plugins.no_such_library]\nrequired = true\n";
  TestNode node;
  CHECK_THAT(refusal(node.start(shape)), Contains("no_such_library.so"));
}

TEST_CASE("a required module whose need nobody offers says what it needs") {
  Shape shape;
  shape.load = {"metadata_lmdb", "nameserver", "messaging"};
  TestNode node;
  const std::string text = refusal(node.start(shape));
  CHECK_THAT(text, Contains("messaging"));
  CHECK_THAT(text, Contains("gantry.queue_index/0"));
}

TEST_CASE("a required module that refuses its settings is named with the setting") {
  Shape shape;
  shape.plugins = "[plugins.messaging]\nrequired = true\nbroker_door = \"no_such_door\"\n"
                  "nameservers = [\"door:nameserver\"]\n";
  TestNode node;
  const std::string text = refusal(node.start(shape));
  CHECK_THAT(text, Contains("messaging"));
  CHECK_THAT(text, Contains("no_such_door"));
}
