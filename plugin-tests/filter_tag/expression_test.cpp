// What tag expressions mean: RocketMQ's FilterAPI, which cuts with Java's split() and trims with
// Java's trim().
#include <catch2/catch.hpp>

#include "filter_tag/tag_expression.hpp"
#include "fuzz/filter/tag_properties.hpp"

using namespace gantry::filter_tag;
using Tags = std::vector<std::string>;

namespace {

TagExpression parsed(std::string_view text) {
  TagExpression out;
  INFO(text);
  REQUIRE_FALSE(parse(text, 4096, out).has_value());
  return out;
}

}  // namespace

TEST_CASE("nothing and * alone are everything") {
  CHECK(parsed("").everything);
  CHECK(parsed("*").everything);
  CHECK_FALSE(parsed("*||A").everything);
}

TEST_CASE("tags stand between pairs of bars, without what Java trims") {
  CHECK(parsed("A").tags == Tags{"A"});
  CHECK(parsed("A||B").tags == Tags{"A", "B"});
  CHECK(parsed("  B \t||\n A\x01 ").tags == Tags{"A", "B"});
  CHECK(parsed("A b||c d").tags == Tags{"A b", "c d"});
  CHECK(parsed("A||A|| A").tags == Tags{"A"});
  CHECK(parsed("\xe8\xae\xa2\xe5\x8d\x95||\xc2\xa0x").tags == Tags{"\xc2\xa0x", "\xe8\xae\xa2\xe5\x8d\x95"});
}

TEST_CASE("bars are paired from the left, and a single one belongs to a tag") {
  CHECK(parsed("A|B").tags == Tags{"A|B"});
  CHECK(parsed("A|||B").tags == Tags{"A", "|B"});
  CHECK(parsed("|||").tags == Tags{"|"});
  CHECK(parsed("|").tags == Tags{"|"});
}

TEST_CASE("empty pieces are dropped") {
  CHECK(parsed("||A").tags == Tags{"A"});
  CHECK(parsed("A||").tags == Tags{"A"});
  CHECK(parsed("A|| ||B").tags == Tags{"A", "B"});
}

TEST_CASE("a * that is not alone is a tag, and blanks are no tag at all") {
  CHECK(parsed(" * ").tags == Tags{"*"});
  CHECK(parsed("* || A").tags == Tags{"*", "A"});
  CHECK(parsed(" ").tags.empty());
  CHECK(parsed(" || ").tags.empty());
  CHECK_FALSE(parsed(" ").everything);
}

TEST_CASE("a text of bars only, or of too many tags, is wrong") {
  TagExpression out;
  for (const char* text : {"||", "||||"}) {
    const auto fault = parse(text, 10, out);
    REQUIRE(fault.has_value());
    CHECK(fault->at == 0);
    CHECK(fault->text == "a tag is expected, not only ||");
  }
  CHECK_FALSE(parse("a||b", 2, out).has_value());
  const auto fault = parse("a||b||c", 2, out);
  REQUIRE(fault.has_value());
  CHECK(fault->at == 6);
  CHECK(fault->text == "more than 2 tags");
}

TEST_CASE("any text keeps what the fuzz target promises") {
  for (const char* text : {"", "*", "A", "A||B", " A || B|| C", "||", "|||", "\xff||\xc3", " ",
                           "a||b||c||d||e||f||g||h||i", "Aa||BB", "\n||x"}) {
    CHECK(gantry::filter_tag::fuzz::expression(text) == 0);
  }
}
