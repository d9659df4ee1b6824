// The plugin in the fake host: messages go into the log, the test looks for its lines.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "cpp/fake/host.hpp"

using namespace gantry::sdk;

namespace {

// A log and a folder that outlive the host, for restarts.
struct Rig {
  Rig() {
    std::string name = (std::filesystem::temp_directory_path() / "plugin_name.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
  }
  ~Rig() { std::filesystem::remove_all(folder); }

  std::unique_ptr<fake::Host> start(const fake::Settings& settings = {{"report_every", 1}}) {
    auto host = std::make_unique<fake::Host>(fake::HostOptions{.data_dir = folder, .log = &log});
    count = &host->load(gantry_plugin_v1, "plugin_name", settings);
    host->start();
    file = count->data_dir() + "/count";
    return host;
  }
  void put(fake::Host& host, const std::string& topic, int messages) {
    for (int i = 0; i < messages; ++i) log.append_visible({.topic = topic});
    host.run_until_idle();
  }

  std::string folder;
  std::string file;
  fake::Log log;
  fake::Instance* count = nullptr;
};

}  // namespace

TEST_CASE("messages are counted, with a line at every so many") {
  Rig rig;
  const auto host = rig.start({{"report_every", 2}});
  rig.put(*host, "T", 5);
  CHECK(host->logged("2 messages"));
  CHECK(host->logged("4 messages"));
  CHECK_FALSE(host->logged("3 messages"));
}

TEST_CASE("only the configured topic counts") {
  Rig rig;
  const auto host = rig.start({{"topic", "T"}, {"report_every", 1}});
  rig.put(*host, "other", 3);
  rig.put(*host, "T", 2);
  CHECK(host->logged("2 messages"));
  CHECK_FALSE(host->logged("3 messages"));
}

TEST_CASE("the count goes on after a restart, from what was persisted") {
  Rig rig;
  auto host = rig.start();
  rig.put(*host, "T", 2);
  CHECK(host->persist(*rig.count) == rig.log.end());
  rig.put(*host, "T", 1);
  CHECK(host->logged("3 messages"));
  host->kill();
  host.reset();
  host = rig.start();
  CHECK_FALSE(host->logged("2 messages"));  // not counted again
  rig.put(*host, "T", 1);
  CHECK(host->logged("4 messages"));
}

TEST_CASE("at its end it says how long it ran, and the count") {
  Rig rig;
  const auto host = rig.start();
  rig.put(*host, "T", 3);
  host->persist(*rig.count);
  rig.put(*host, "T", 1);
  host->advance_ms(2500);
  host->stop();
  CHECK(host->logged("ran for 2 s, stands at 4"));
}

TEST_CASE("what is cut off the log is not counted") {
  Rig rig;
  const auto host = rig.start();
  rig.put(*host, "T", 1);
  const int64_t end = rig.log.end();
  rig.log.hold_marks();
  rig.put(*host, "T", 2);
  CHECK(host->logged("3 messages"));
  host->truncate(end);
  CHECK(host->persist(*rig.count) == end);
  rig.put(*host, "U", 1);
  CHECK_FALSE(host->logged("4 messages"));
}

TEST_CASE("a file that is no count stops the start, by name") {
  Rig rig;
  rig.start()->stop();
  std::ofstream(rig.file) << "many";
  CHECK_THROWS_WITH(rig.start(), Catch::Contains("count: not two numbers"));
}
