// Plugins that end the process they are in: a report names the module and the call, and the next
// node goes without.
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "faulty_node.hpp"
#include "integration/pipeline.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

struct Deadly {
  const char* plugin;
  NodeProcess::End end;
  std::string report;
  std::function<void(FaultyNode&)> provoke;
};

// What was sent is with the plugin: the door answered what came behind it.
void hold_one(FaultyNode& node, std::unique_ptr<Pipeline>& client) {
  client = std::make_unique<Pipeline>(node.address("faulty"));
  client->send(faulty_code, {});
  client->send(faulty_code + 1, {});  // nobody serves it
  REQUIRE(client->receive().has_value());
}

std::string in_call(const std::string& instance, const std::string& capability,
                    const std::string& call, const std::string& reason) {
  return "instance " + instance + "\ncapability " + capability + "\ncall " + call + "\nreason " +
         reason;
}

const std::string handler = "gantry.request_handler/0";

const Deadly deadly[] = {
    {"crashes_at_load", {-1, SIGABRT},
     in_call(faulty_file("crashes_at_load"), "library", "load", "signal 6\n"), {}},
    {"exits_at_load", {1, -1},
     in_call(faulty_file("exits_at_load"), "library", "load", "it called exit()\n"), {}},
    {"aborts_on_used_folder", {-1, SIGABRT}, in_call("faulty", "itself", "start", "signal 6\n"), {}},
    {"trusts_lengths", {-1, SIGABRT}, in_call("faulty", handler, "handle", "signal 6\n"),
     [](FaultyNode& node) {
       Pipeline(node.address("faulty")).send(faulty_code, {{"name", std::string(300, 'x')}});
       REQUIRE(node.says("reason signal 6"));
     }},
    {"overflows_stack", {-1, SIGSEGV}, in_call("faulty", handler, "handle", "signal 11\n"),
     [](FaultyNode& node) {
       Pipeline(node.address("faulty")).send(faulty_code, {});
       REQUIRE(node.says("reason signal 11"));
     }},
    {"crashes_when_handed_back", {-1, SIGABRT}, in_call("faulty", handler, "handle", "signal 6\n"),
     [](FaultyNode& node) {
       std::unique_ptr<Pipeline> client;
       hold_one(node, client);
       node.terminate();
       REQUIRE(node.says("reason signal 6"));
     }},
    {"hangs", {-1, SIGABRT},
     in_call("faulty", handler, "handle", "shard 0 has not come back from faulty for "),
     [](FaultyNode& node) {
       Pipeline client(node.address("faulty"));
       client.send(faulty_code, {});
       REQUIRE(node.says("has not come back"));
     }},
};

void leave_lock(const FaultyNode& node) {
  const auto folder = node.data_dir() / "gantry" / "faulty";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "lock") << "of a process that was killed";
}

}  // namespace

TEST_CASE("a plugin that ends the process is reported with its call, and left out at the next start") {
  for (const Deadly& one : deadly) {
    FaultyNode node;
    leave_lock(node);
    const FaultySetup setup{.plugin = one.plugin,
                            .plugin_keys = "crashes_max = 1\nstall_ms = 500\n",
                            .has_door = true};
    node.start(setup);
    if (one.provoke) {
      REQUIRE(node.is_ready());
      one.provoke(node);
    }
    const NodeProcess::End end = node.end();
    INFO(one.plugin << ":\n" << node.said());
    CHECK(end.code == one.end.code);
    CHECK(end.signal == one.end.signal);
    CHECK_THAT(node.said(), Contains(one.report));

    node.start(setup);
    REQUIRE(node.is_ready());
    CHECK_THAT(node.said(), Contains("it is left out until"));
    CHECK_THAT(node.said(), Contains("door faulty goes without its handler faulty"));
    check_others_go_on(node);
    CHECK(node.stop().code == 0);
  }
}

TEST_CASE("a plugin that is deaf once quiescent crashes at a call meanwhile, and is named") {
  FaultyNode node;
  Shape shape = faulty_shape({.plugin = "never_ends"});
  shape.load.push_back(faulty_file("deaf_when_quiescent"));
  shape.doors.push_back({"faulty", "quiet_first"});
  // Quiesces before never_ends, whose quiesce lasts: it started behind it.
  shape.plugins = shape.plugins.substr(0, shape.plugins.find("[plugins.faulty]")) +
                  "[plugins.never_ends]\n[plugins.quiet_first]\nmodule = \"faulty\"\n";
  node.start(shape);
  REQUIRE(node.is_ready());
  CHECK(node.ask().code == 0);
  Pipeline client(node.address("faulty"));
  client.send(faulty_code, {});
  REQUIRE(client.receive().has_value());
  node.terminate();
  REQUIRE(node.says("never_ends: quiesce is still going on after 1 s"));
  client.send(faulty_code, {});
  const NodeProcess::End end = node.end();
  INFO(node.said());
  CHECK(end.signal == SIGABRT);
  CHECK_THAT(node.said(), Contains(in_call("quiet_first", handler, "handle", "signal 6\n")));
}
