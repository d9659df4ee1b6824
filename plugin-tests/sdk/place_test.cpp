// Places in expressions.
#include "cpp/place.hpp"

#include <catch2/catch.hpp>

using namespace gantry::sdk;

TEST_CASE("a place counts characters, by line") {
  CHECK(place_of("abc", 0).column == 1);
  CHECK(place_of("\xc3\xa4\xc3\xa4x", 4).column == 3);
  const Place third = place_of("a\nb\ncd", 5);
  CHECK(third.line == 3);
  CHECK(third.column == 2);
  CHECK(place_of("a", 99).column == 2);
}

TEST_CASE("what is wrong with an expression is told with its place") {
  const ExpressionError error = wrong_at("a\n= ?", 4, "no such sign");
  CHECK(error.line() == 2);
  CHECK(error.column() == 3);
  CHECK(std::string(error.what()) == "line 2, column 3: no such sign");
}
