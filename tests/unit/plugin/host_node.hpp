// HostNode: a plugin host with the sample in it, a runtime, doors' requests, and no sockets. A log only
// where open_log() was called before start().
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>

#include "commitlog/commit_log.hpp"
#include "dispatch/requests.hpp"
#include "plugin/host.hpp"
#include "runtime/runtime.hpp"
#include "sample.hpp"

namespace gantry::testing {

namespace fs = std::filesystem;

class HostNode {
 public:
  HostNode() : runtime({1, {1, 100}}, clock), requests(runtime, router, nullptr) {
    script = {};
    std::string name = (fs::temp_directory_path() / "gantry-host-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root = name;
    runtime.start();
  }
  ~HostNode() {
    host.stop();
    runtime.stop();
    fs::remove_all(root);
  }

  Outcome<void> load(const std::string& toml) {
    REQUIRE(host.adopt(sample_plugin, "x.so").has_value());
    auto document = config::Document::parse(
        "[node]\ndata_dir = \"d\"\n[plugin]\nexperimental = true\n" + toml, "t.toml");
    REQUIRE(document.has_value());
    auto node = config::NodeConfig::read(*document);
    REQUIRE(node.has_value());
    return host.load(*document, *node);
  }
  void open_log() {
    commitlog::Options options;
    options.data_dir = (root / "store").string();
    options.segment_bytes = commitlog::segment_bytes_min;
    options.clock = &clock;
    fs::create_directories(options.data_dir);
    auto opened = commitlog::CommitLog::open(options);
    REQUIRE(opened.has_value());
    log = std::move(*opened);
  }
  Outcome<void> start(const std::string& toml = "") {
    if (Outcome<void> loaded = load(toml); !loaded) return loaded;
    context = {&clock, &runtime, &requests, nullptr, log.get(), nullptr, &host.directory()};
    context.roster = &host.roster();
    if (Outcome<void> made = host.create(context, root, 1); !made) return made;
    return host.start();
  }

  ManualClock clock{1'000'000};
  runtime::Runtime runtime;
  dispatch::Router router;
  dispatch::Requests requests;
  std::unique_ptr<commitlog::CommitLog> log;
  plugin::HostContext context;
  plugin::PluginHost host;
  fs::path root;
};

}  // namespace gantry::testing
