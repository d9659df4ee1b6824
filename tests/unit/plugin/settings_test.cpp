#include <catch2/catch.hpp>

#include "plugin/settings.hpp"
#include "sample.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

Outcome<plugin::SettingValues> read(const char* toml) {
  auto document = config::Document::parse(toml, "t.toml");
  if (!document) return document.error();
  const auto keys = plugin::keys_of(user_module);
  auto section = document->section("plugins.user", keys);
  if (!section) return section.error();
  return plugin::SettingValues(user_module, *section);
}

}  // namespace

TEST_CASE("a module is told its defaults") {
  const auto values = read("");
  REQUIRE(values.has_value());
  gantry_value value{};
  REQUIRE(values->get("size_bytes", value) == GANTRY_OK);
  CHECK(value.kind == GANTRY_I64);
  CHECK(value.as.i == 10);
  REQUIRE(values->get("names", value) == GANTRY_OK);
  CHECK(value.as.i == 2);
  REQUIRE(values->item("names", 1, value) == GANTRY_OK);
  CHECK(sdk::view(value.as.s) == "b");
  CHECK(values->item("names", 2, value) == GANTRY_GONE);
  CHECK(values->get("nothing", value) == GANTRY_GONE);
}

TEST_CASE("a module's keys are checked against its declaration") {
  const auto high = read("[plugins.user]\nsize_bytes = 101");
  REQUIRE(high.has_error());
  CHECK(high.error().text == "t.toml:2: plugins.user.size_bytes = 101: at most 100");
  const auto unknown = read("[plugins.user]\nsize = 1");
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().text.find("plugins.user.size is not a key") != std::string::npos);
}

TEST_CASE("a module is told the tables of an array, each with its defaults") {
  const auto values = read(
      "[[plugins.user.scope]]\ntopic = \"a\"\nshare_percent = 7\n[[plugins.user.scope]]\ntopic = "
      "\"b\"");
  REQUIRE(values.has_value());
  gantry_value value{};
  REQUIRE(values->get("scope", value) == GANTRY_OK);
  CHECK(value.kind == GANTRY_LIST);
  CHECK(value.as.i == 2);
  REQUIRE(values->item("scope", 1, value) == GANTRY_OK);
  CHECK(sdk::view(value.as.s) == "scope[1]");
  REQUIRE(values->get("scope[0].share_percent", value) == GANTRY_OK);
  CHECK(value.as.i == 7);
  REQUIRE(values->get("scope[1].share_percent", value) == GANTRY_OK);
  CHECK(value.as.i == 50);
  REQUIRE(values->get("scope[1].topic", value) == GANTRY_OK);
  CHECK(sdk::view(value.as.s) == "b");
  CHECK(values->get("scope[2].topic", value) == GANTRY_GONE);
}

TEST_CASE("an array nobody configured is a list of no tables") {
  const auto values = read("");
  REQUIRE(values.has_value());
  gantry_value value{};
  REQUIRE(values->get("scope", value) == GANTRY_OK);
  CHECK(value.as.i == 0);
}

TEST_CASE("what is wrong in an array of tables is named with the table's number") {
  const auto high = read("[[plugins.user.scope]]\n[[plugins.user.scope]]\nshare_percent = 101");
  REQUIRE(high.has_error());
  CHECK(high.error().text ==
        "t.toml:3: plugins.user.scope[1].share_percent = 101: at most 100");
  const auto unknown = read("[[plugins.user.scope]]\ntopics = \"a\"");
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().text.find("plugins.user.scope[0].topics is not a key") !=
        std::string::npos);
  const auto one = read("[plugins.user.scope]\ntopic = \"a\"");
  REQUIRE(one.has_error());
  CHECK(one.error().text.find("wanted [[plugins.user.scope]]") != std::string::npos);
}
