#include <catch2/catch.hpp>

#include "config/node_config.hpp"

using namespace gantry;
using namespace gantry::config;

namespace {

Outcome<NodeConfig> read(const char* toml) {
  Outcome<Document> document = Document::parse(toml, "node.toml");
  if (!document) return document.error();
  return NodeConfig::read(*document);
}

std::string error_of(const char* toml) {
  const Outcome<NodeConfig> config = read(toml);
  REQUIRE_FALSE(config.has_value());
  return config.error().text;
}

}  // namespace

TEST_CASE("a node needs a data folder and nothing else") {
  const Outcome<NodeConfig> config = read("[node]\ndata_dir = \"d\"");
  REQUIRE(config.has_value());
  CHECK(config->broker == "broker-a");
  CHECK(config->flush_interval_ms == 500);
  CHECK(config->doors.empty());
  CHECK(error_of("") == "node.toml: node.data_dir is missing: folder of all data, RocketMQ's store "
                        "root; relative to where the node is started");
}

TEST_CASE("doors keep their order and their excepted codes") {
  const Outcome<NodeConfig> config = read(R"(
[node]
data_dir = "d"
[[net.door]]
name = "a"
address = "127.0.0.1:1"
[[net.door]]
name = "b"
address = "127.0.0.1:2"
except = [11, 361]
)");
  REQUIRE(config.has_value());
  REQUIRE(config->doors.size() == 2);
  CHECK(config->doors[1].name == "b");
  CHECK(config->doors[1].except == Integers{11, 361});
}

TEST_CASE("two doors of one name are an error that names the line") {
  CHECK(error_of("[node]\ndata_dir=\"d\"\n[[net.door]]\nname=\"a\"\naddress=\"x:1\"\n"
                 "[[net.door]]\nname=\"a\"\naddress=\"x:2\"") ==
        "node.toml:7: net.door[1].name = \"a\": there is another door of this name");
}

TEST_CASE("an unknown section and an unknown key in it are errors") {
  CHECK(error_of("[nodes]\n") ==
        "node.toml:1: nodes is not a section; did you mean node?");
  CHECK(error_of("[node]\ndata_dir=\"d\"\n[commitlog]\nflush = \"never\"") ==
        "node.toml:4: commitlog.flush = \"never\": one of async, sync");
}

TEST_CASE("what a message must have passed is a list of known marks, empty by default") {
  CHECK(read("[node]\ndata_dir=\"d\"")->visible_after.empty());
  CHECK(read("[node]\ndata_dir=\"d\"\n[dispatch]\nvisible_after = [\"durable\", \"replicated\"]")
            ->visible_after == List{"durable", "replicated"});
  CHECK(error_of("[node]\ndata_dir=\"d\"\n[dispatch]\nvisible_after = [\"written\", \"stable\"]") ==
        "node.toml:4: dispatch.visible_after has \"stable\": one of written, durable, replicated");
}

TEST_CASE("a broker name with a slash is refused") {
  CHECK(error_of("[node]\ndata_dir=\"d\"\nbroker=\"a/b\"") ==
        "node.toml:3: node.broker = \"a/b\": letters, digits, _ and - only");
}
