// The plugin in the fake host: an expression is compiled and judges messages of the log.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

struct Rig {
  explicit Rig(const fake::Settings& settings = {})
      : contains(host.load(gantry_plugin_v1, "plugin_name", settings)) {
    host.start();
  }

  // Verdicts on messages with these bodies; empty when the expression is wrong: see `why`.
  std::vector<uint8_t> judge(std::string_view expression, const std::vector<std::string>& bodies) {
    const auto& filter = contains.table<gantry_filter>(GANTRY_CAP_FILTER, "CONTAINS");
    gantry_compiled compiled{};
    compiled.struct_size = sizeof compiled;
    gantry_status status = GANTRY_OK;
    host.on_worker([&](const gantry_call& call) {
      status = filter.compile(contains.self(), &call, str(expression), &compiled);
      why = call.error->text;
    });
    if (status != GANTRY_OK) return {};
    for (const std::string& body : bodies) host.log().append_visible({.topic = "T", .body = body});
    const auto records = host.log().records(host.log().begin(), host.log().end());
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(records.size()), 0, records.data()};
    std::vector<uint8_t> verdicts(records.size(), GANTRY_ERROR);
    host.on_shard([&](const gantry_call& call) {
      REQUIRE(filter.match(compiled.program, &call, &batch, verdicts.data()) == GANTRY_OK);
    });
    filter.release(compiled.program);
    return verdicts;
  }

  fake::Host host;
  fake::Instance& contains;
  std::string why;
};

}  // namespace

TEST_CASE("messages with the text are delivered, others are not") {
  Rig rig;
  CHECK(rig.judge("red", {"a red door", "a blue door", "red", ""}) ==
        std::vector<uint8_t>{GANTRY_DELIVER, GANTRY_SKIP, GANTRY_DELIVER, GANTRY_SKIP});
}

TEST_CASE("an expression without a text is refused with its place") {
  Rig rig;
  CHECK(rig.judge("", {}).empty());
  CHECK(rig.why == "line 1, column 1: no text to look for");
}

TEST_CASE("configuration bounds the text") {
  Rig rig({{"bytes_max", 3}});
  CHECK(rig.judge("red", {"red"}) == std::vector<uint8_t>{GANTRY_DELIVER});
  CHECK(rig.judge("blue", {}).empty());
  CHECK(rig.why == "a text of 4 bytes, at most 3");
}
