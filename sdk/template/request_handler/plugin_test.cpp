// The plugin in the fake host, asked as a client would.
#include <catch2/catch.hpp>

#include "cpp/fake/host.hpp"

using namespace gantry::sdk;

namespace {

constexpr int32_t greet_code = 9001;

fake::Answer ask(const fake::Settings& settings, const fake::Fields& fields) {
  fake::Host host;
  host.load(gantry_plugin_v1, "plugin_name", settings);
  host.start();
  return host.request("plugin_name", {.code = greet_code, .fields = fields});
}

}  // namespace

TEST_CASE("who says a name is greeted") {
  const fake::Answer answer = ask({}, {{"name", "Ada"}});
  CHECK(answer.code == 0);
  CHECK(answer.field("greeting") == "hello, Ada");
}

TEST_CASE("configuration says how") {
  CHECK(ask({{"greeting", "good day"}}, {{"name", "Ada"}}).field("greeting") == "good day, Ada");
}

TEST_CASE("who says no name is told so") {
  for (const fake::Fields& fields : {fake::Fields{}, fake::Fields{{"name", ""}}}) {
    const fake::Answer answer = ask({}, fields);
    CHECK(answer.code == 29);
    CHECK(answer.remark == "name: missing or empty");
  }
}
