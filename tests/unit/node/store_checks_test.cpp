#include "verified.hpp"

using namespace gantry;
using namespace gantry::testing;
using node::Verdict;

namespace {

const std::string probe = GANTRY_BINARY_DIR "/lib/gantry/test-plugins/store_check_probe.so";

struct CheckedLog : StoppedLog {
  CheckedLog() {
    open();
    put_dense(200, "orders");
    put_dense(2, "others");
    stop();
  }
  // Files of 16 MiB with records of these sizes.
  explicit CheckedLog(const std::vector<size_t>& body_bytes) {
    options.segment_bytes = uint64_t{16} << 20;
    options.message_bytes_max = uint64_t{8} << 20;
    open();
    for (size_t i = 0; i < body_bytes.size(); ++i) {
      put_numbered(static_cast<int64_t>(i), "orders", 0, {}, body_bytes[i]);
    }
    stop();
  }

  Verified verify_with(const std::string& settings, const std::string& load = probe) {
    const fs::path file = configuration_.path() / "node.toml";
    std::ofstream(file) << fmt::format(R"([node]
data_dir = "elsewhere"
[plugin]
experimental = true
load = ["{}"]
[commitlog]
segment_bytes = {}
[plugins.store_check_probe]
{}
)",
                                       load, options.segment_bytes, settings);
    return run_verify({.folder = folder.path(), .configuration = file});
  }

 private:
  TempFolder configuration_;
};

}  // namespace

TEST_CASE("a module gets every record once, in order, and what it counted is told") {
  CheckedLog log;
  const auto before = contents(log.folder.path());
  const Verified out = log.verify_with("covered = 4711");
  INFO(out.text());
  CHECK(out.verdict == Verdict::clean);
  CHECK(out.says("store_check_probe 2 queues, 202 entries, 7 keys; whole up to 4711"));
  CHECK(contents(log.folder.path()) == before);
}

TEST_CASE("records of every size are handed over with their bytes") {
  std::vector<size_t> sizes(60, 100'000);
  for (size_t bytes : {size_t{5} << 20, size_t{1}, size_t{4200}, size_t{7} << 20}) {
    sizes.push_back(bytes);
    sizes.push_back(300);
  }
  CheckedLog log(sizes);
  const Verified out = log.verify_with("");
  INFO(out.text());
  CHECK(out.verdict == Verdict::clean);
  CHECK(out.says(fmt::format("1 queues, {} entries", sizes.size())));
}

TEST_CASE("what a module finds counts, under its instance's name") {
  CheckedLog log;
  const Verified out = log.verify_with("unwanted_topic = \"others\"");
  INFO(out.text());
  CHECK(out.verdict == Verdict::findings);
  CHECK(out.says(fmt::format("finding: store_check_probe: record {} of others is unwanted",
                             log.places[200].value)));
  CHECK(out.says("findings  2"));
}

TEST_CASE("a module that fails leaves the folder unchecked and says why") {
  for (const char* step : {"open", "check", "close"}) {
    CheckedLog log;
    const Verified out = log.verify_with(fmt::format("fails_at = \"{}\"", step));
    INFO(out.text());
    CHECK(out.verdict == Verdict::unchecked);
    CHECK(out.says(fmt::format("{} failed with status", step)));
    CHECK(out.says(fmt::format("told to fail at {}", step)));
  }
}

TEST_CASE("without a module that can compare, the folder is not said to be well") {
  CheckedLog log;
  const Verified out = log.verify_with("", "no_such_library");
  INFO(out.text());
  CHECK(out.verdict == Verdict::unchecked);
  CHECK(out.says("--log-only"));
}

TEST_CASE("a configuration that can't be read is named") {
  CheckedLog log;
  const Verified out = run_verify({.folder = log.folder.path(), .configuration = "no.toml"});
  CHECK(out.verdict == Verdict::unchecked);
  CHECK(out.says("no.toml"));
}
