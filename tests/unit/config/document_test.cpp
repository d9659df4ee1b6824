#include <catch2/catch.hpp>

#include "config/document.hpp"

using namespace gantry;
using namespace gantry::config;

namespace {

const std::vector<Key> keys = {
    integer("retries_max", 3, 0, 10, "how often"),
    text("mode", "fast", "which way", {"fast", "safe"}),
    boolean("loud", false, "say more"),
    list("names", {"a"}, "who"),
};

Outcome<Section> read(const char* toml) {
  Outcome<Document> document = Document::parse(toml, "t.toml");
  if (!document) return document.error();
  return document->section("part", keys);
}

std::string error_of(const char* toml) {
  const Outcome<Section> section = read(toml);
  REQUIRE_FALSE(section.has_value());
  return section.error().text;
}

}  // namespace

TEST_CASE("keys that are not given have their defaults") {
  const Outcome<Section> section = read("");
  REQUIRE(section.has_value());
  CHECK(section->integer("retries_max") == 3);
  CHECK(section->text("mode") == "fast");
  CHECK(section->list("names") == List{"a"});
}

TEST_CASE("given values replace defaults") {
  const Outcome<Section> section =
      read("[part]\nretries_max = 10\nmode = \"safe\"\nloud = true\nnames = [\"x\", \"y\"]");
  REQUIRE(section.has_value());
  CHECK(section->integer("retries_max") == 10);
  CHECK(section->boolean("loud"));
  CHECK(section->list("names") == List{"x", "y"});
}

TEST_CASE("an unknown key is an error that names file, line, key and what was meant") {
  CHECK(error_of("\n[part]\nretrys_max = 1") ==
        "t.toml:3: part.retrys_max is not a key; did you mean retries_max?");
}

TEST_CASE("a value out of bounds is an error that names the bound") {
  CHECK(error_of("[part]\nretries_max = 11") == "t.toml:2: part.retries_max = 11: at most 10");
  CHECK(error_of("[part]\nretries_max = -1") == "t.toml:2: part.retries_max = -1: at least 0");
}

TEST_CASE("a value of the wrong kind is an error that names the kind") {
  CHECK(error_of("[part]\nretries_max = \"3\"") ==
        "t.toml:2: part.retries_max = '3': wanted a whole number");
  CHECK(error_of("[part]\nnames = [1]") == "t.toml:2: part.names has the item 1: wanted a list of texts");
  CHECK(error_of("part = 1") == "t.toml:1: part is a value, wanted a table [part]");
}

TEST_CASE("a text that is not one of the permitted is an error that lists them") {
  CHECK(error_of("[part]\nmode = \"slow\"") == "t.toml:2: part.mode = \"slow\": one of fast, safe");
}

TEST_CASE("a missing required key is an error with its help") {
  const Outcome<Document> document = Document::parse("[part]\n", "t.toml");
  const std::vector<Key> required = {required_text("address", "where to listen")};
  const Outcome<Section> section = document->section("part", required);
  REQUIRE_FALSE(section.has_value());
  CHECK(section.error().text == "t.toml:1: part.address is missing: where to listen");
}

TEST_CASE("broken TOML and a missing file are errors that name the file") {
  const Outcome<Document> broken = Document::parse("[part\n", "t.toml");
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().text.rfind("t.toml:1: ", 0) == 0);
  const Outcome<Document> missing = Document::load("no/such/file.toml");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().text == "no/such/file.toml: cannot be read: No such file or directory");
}

TEST_CASE("tables of an array are read in order") {
  const Outcome<Document> document =
      Document::parse("[[part]]\nretries_max = 1\n[[part]]\nretries_max = 2", "t.toml");
  const auto sections = document->sections("part", keys);
  REQUIRE(sections.has_value());
  REQUIRE(sections->size() == 2);
  CHECK((*sections)[1].integer("retries_max") == 2);
}
