#include "base/logging.hpp"

#include <fstream>

#include "host_node.hpp"
#include "stderr_of.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

const gantry_host* running(HostNode& node) {
  static const gantry_host* seen = nullptr;
  script.create = [](const gantry_host* host) {
    if (sdk::view(host->instance_name) == "user") seen = host;
  };
  REQUIRE(node.start().has_value());
  return seen;
}

const gantry_logging& logging_of(const gantry_host* host) {
  return *static_cast<const gantry_logging*>(host->service(host, GANTRY_HOST_LOGGING));
}

struct Level {
  explicit Level(logging::Level level) { logging::set_level(level); }
  ~Level() { logging::set_level(logging::Level::info); }
};

}  // namespace

TEST_CASE("a level of logging that is not known counts as the next lower one") {
  HostNode node;
  const gantry_host* host = running(node);
  const gantry_logging& logging = logging_of(host);
  const auto enabled = [&](std::initializer_list<uint32_t> levels) {
    std::string out;
    for (const uint32_t level : levels) out += logging.enabled(host, level) ? '1' : '0';
    return out;
  };
  const std::initializer_list<uint32_t> levels = {0, 10, 15, 20, 29, 30, 39, 40, 0xffffffff};
  for (const auto& [level, expected] : {std::pair{logging::Level::debug, "111111111"},
                                        {logging::Level::info, "000111111"},
                                        {logging::Level::warn, "000001111"},
                                        {logging::Level::error, "000000011"}}) {
    const Level set(level);
    CHECK(enabled(levels) == expected);
  }
}

TEST_CASE("a module's line is one line with its name, whatever it writes") {
  HostNode node;
  const gantry_host* host = running(node);
  const gantry_logging& logging = logging_of(host);
  const std::string seen = stderr_of(node.root / "stderr", [&] {
    logging.write(host, GANTRY_LOGGING_WARN, sdk::str("one\ntwo\x1b[31m\tred, gr\xc3\xbcn"));
    logging.write(host, GANTRY_LOGGING_DEBUG, sdk::str("not enabled"));
  });
  CHECK_THAT(seen, Catch::EndsWith("[user] one two [31m red, gr\xc3\xbcn\n"));
  CHECK(std::count(seen.begin(), seen.end(), '\n') == 1);
}
