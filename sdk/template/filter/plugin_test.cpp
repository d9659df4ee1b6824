// The plugin in the fake host: an expression is compiled and judges messages of the log.
#include <gantry/cap/filter.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

constexpr uint8_t deliver = GANTRY_VERDICT_DELIVER, skip = GANTRY_VERDICT_SKIP;
using Verdicts = std::vector<uint8_t>;

struct Rig {
  explicit Rig(const fake::Settings& settings = {})
      : contains(host.load(gantry_plugin_v1, "plugin_name", settings)) {
    host.start();
  }
  ~Rig() { release(); }

  const gantry_filter& table() {
    return contains.table<gantry_filter>(GANTRY_CAP_FILTER, "CONTAINS");
  }

  // GANTRY_OK, or why not is in `why` and where in `compiled`.
  gantry_status compile(std::string_view expression) {
    release();
    compiled = {};
    compiled.struct_size = sizeof compiled;
    gantry_status status = GANTRY_OK;
    host.on_worker([&](const gantry_call& call) {
      status = table().compile(contains.self(), &call, str(expression), &compiled);
      why = call.error->text;
    });
    return status;
  }

  // Verdicts on messages with these bodies.
  Verdicts judge(std::string_view expression, const std::vector<std::string>& bodies) {
    REQUIRE(compile(expression) == GANTRY_OK);
    const int64_t from = host.log().end();
    for (const std::string& body : bodies) host.log().append_visible({.topic = "T", .body = body});
    const auto records = host.log().records(from, host.log().end());
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(records.size()), 0, records.data()};
    Verdicts verdicts(records.size(), GANTRY_VERDICT_ERROR);
    host.on_shard([&](const gantry_call& call) {
      REQUIRE(table().match(compiled.program, &call, &batch, verdicts.data()) == GANTRY_OK);
    });
    return verdicts;
  }

  void release() {
    if (compiled.program) table().release(compiled.program);
    compiled.program = nullptr;
  }

  fake::Host host;
  fake::Instance& contains;
  gantry_compiled compiled{};
  std::string why;
};

}  // namespace

TEST_CASE("messages with the text are delivered, others are not") {
  Rig rig;
  CHECK(rig.judge("red", {"a red door", "a blue door", "red", ""}) ==
        Verdicts{deliver, skip, deliver, skip});
}

TEST_CASE("a text is found wherever it is, and whatever its bytes are") {
  Rig rig;
  CHECK(rig.judge("aab", {"aaab", "aab", "aabx", "ab", "aa", "baa", "abaab"}) ==
        Verdicts{deliver, deliver, deliver, skip, skip, skip, deliver});
  const std::string zero("\0\xff", 2);
  CHECK(rig.judge(zero, {"x" + zero, zero + "x", "x", std::string(1, '\0')}) ==
        Verdicts{deliver, deliver, skip, skip});
}

TEST_CASE("an expression without a text is refused with its place") {
  Rig rig;
  CHECK(rig.compile("") == GANTRY_INVALID);
  CHECK(rig.why == "line 1, column 1: no text to look for");
  CHECK(rig.compiled.line == 1);
  CHECK(rig.compiled.column == 1);
  CHECK(rig.compiled.program == nullptr);
}

TEST_CASE("configuration bounds the text") {
  Rig rig({{"bytes_max", 3}});
  CHECK(rig.judge("red", {"red"}) == Verdicts{deliver});
  CHECK(rig.compile("blue") == GANTRY_INVALID);
  CHECK(rig.why == "a text of 4 bytes, at most 3");
  CHECK(rig.compiled.line == 0);
}

TEST_CASE("the module drains when its last program is released") {
  Rig rig;
  REQUIRE(rig.compile("red") == GANTRY_OK);
  gantry_error error{};
  error.struct_size = sizeof error;
  CHECK(gantry_plugin_v1.modules[0]->drain(rig.contains.self(), 7, &error) == GANTRY_PENDING);
  CHECK(rig.host.late_answers() == 0);
  rig.release();
  CHECK(rig.host.late_answers() == 1);  // the end of the drain, whose token this test made up
  rig.host.kill();
}
