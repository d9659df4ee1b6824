#include <thread>

#include "host_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {
using Journal = std::vector<std::string>;
}

TEST_CASE("modules start behind what they need and end in reverse") {
  HostNode node;
  REQUIRE(node.start().has_value());
  CHECK(script.journal == Journal{"user create", "store create", "store start", "user start"});
  script.journal.clear();
  node.host.quiesce();
  node.host.drain();
  node.host.stop();
  CHECK(script.journal == Journal{"user quiesce", "store quiesce", "user drain", "store drain",
                                  "user stop", "user destroy", "store stop", "store destroy"});
}

TEST_CASE("an instance has a folder of its own") {
  HostNode node;
  std::string seen;
  script.create = [&](const gantry_host* host) { seen = sdk::view(host->data_dir); };
  REQUIRE(node.start().has_value());
  CHECK(fs::is_directory(node.root / "gantry" / "user"));
  CHECK(seen == (node.root / "gantry" / "store").string());
}

TEST_CASE("a table [plugins.name] makes an instance of the module it names") {
  HostNode node;
  REQUIRE(node.start("[plugins.mine]\nmodule = \"store\"\n").has_value());
  CHECK(node.host.find("mine") != nullptr);
  CHECK(node.host.find("store") == nullptr);
}

TEST_CASE("a module that fails to start is destroyed and the node goes on") {
  HostNode node;
  script.start = [](const gantry_host* host, gantry_token) -> gantry_status {
    if (sdk::view(host->instance_name) == "user") {
      throw sdk::Refusal(GANTRY_INVALID, "size_bytes is odd");
    }
    return GANTRY_OK;
  };
  REQUIRE(node.start().has_value());
  CHECK(script.journal.back() == "user destroy");
  CHECK_FALSE(node.host.find("user")->running());
  CHECK(node.host.find("store")->running());
}

TEST_CASE("a required module that fails to start fails the node, with the reason") {
  HostNode node;
  script.start = [](const gantry_host* host, gantry_token) -> gantry_status {
    if (sdk::view(host->instance_name) == "user") {
      throw sdk::Refusal(GANTRY_INVALID, "size_bytes is odd");
    }
    return GANTRY_OK;
  };
  const Outcome<void> started = node.start("[plugins.user]\nrequired = true\n");
  REQUIRE(started.has_error());
  CHECK(started.error().text ==
        "x.so: module user, instance user: start failed with status -6: size_bytes is odd");
}

TEST_CASE("a module whose need nobody offers says which") {
  HostNode node;
  script.start = [](const gantry_host* host, gantry_token) -> gantry_status {
    if (sdk::view(host->instance_name) == "store") throw sdk::Refusal(GANTRY_FAULT, "no disk");
    return GANTRY_OK;
  };
  const Outcome<void> started = node.start("[plugins.user]\nrequired = true\n");
  REQUIRE(started.has_error());
  CHECK(started.error().text ==
        "x.so: module user, instance user: nobody offers gantry.metadata_store/0, which it needs");
}

TEST_CASE("a pending start ends when the module completes its token, once") {
  HostNode node;
  std::thread later;
  script.start = [&](const gantry_host* host, gantry_token token) -> gantry_status {
    if (sdk::view(host->instance_name) != "user") return GANTRY_OK;
    later = std::thread([host, token] {
      host->complete(host, token + 7, GANTRY_FAULT, nullptr);  // a stale one changes nothing
      host->complete(host, token, GANTRY_OK, nullptr);
      host->complete(host, token, GANTRY_FAULT, nullptr);
    });
    return GANTRY_PENDING;
  };
  REQUIRE(node.start().has_value());
  later.join();
  CHECK(node.host.find("user")->running());
}

TEST_CASE("revision 0 is refused unless the operator permits it") {
  HostNode node;
  REQUIRE(node.host.adopt(sample_plugin, "x.so").has_value());
  auto document = config::Document::parse("[plugins.user]\nrequired = true", "t.toml");
  config::NodeConfig config;
  const Outcome<void> loaded = node.host.load(*document, config);
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().text ==
        "x.so: module user: gantry.metadata_store/0 is experimental; plugin.experimental = true "
        "permits it");
}

TEST_CASE("a module of stable ids loads without the operator's word") {
  static constexpr gantry_need logging = sdk::need(GANTRY_HOST_LOGGING);
  static constexpr gantry_need clock = sdk::need(GANTRY_HOST_CLOCK);
  static constexpr const gantry_need* needs[] = {&logging, &clock};
  static constexpr gantry_module stable = sdk::module<Sample>({.name = "stable", .needs = needs});
  static constexpr const gantry_module* modules[] = {&stable};
  static constexpr gantry_plugin plugin = sdk::plugin("org.gantry.stable", "1.0", modules);
  HostNode node;
  REQUIRE(node.host.adopt(plugin, "x.so").has_value());
  auto document = config::Document::parse("[plugins.stable]\nrequired = true", "t.toml");
  const Outcome<void> loaded = node.host.load(*document, config::NodeConfig());
  CHECK(loaded.has_value());
}

TEST_CASE("a module of the configuration that no library has is an error when required") {
  HostNode node;
  const Outcome<void> loaded = node.load("[plugins.nothing]\nrequired = true\n");
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().text == "t.toml: plugins.nothing: no loaded library has a module nothing");
}

TEST_CASE("a required library that is not there is an error that names the file") {
  HostNode node;
  auto document = config::Document::parse("[plugins.gone]\nrequired = true", "t.toml");
  config::NodeConfig config;
  config.plugin_directory = "/nowhere";
  config.load = {"gone"};
  const Outcome<void> loaded = node.host.load(*document, config);
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().text == "/nowhere/gone.so: there is no such library");
}
