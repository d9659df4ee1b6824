#include <catch2/catch.hpp>
#include <iterator>

#include "protocol/properties.hpp"

namespace gantry::protocol {

TEST_CASE("the last of equal names wins, unless it has no value") {
  CHECK(find_property("a\1"
                      "1\2a\1"
                      "2\2",
                      "a") == "2");
  CHECK(find_property("a\1"
                      "1\2a\1\2",
                      "a") == "1");
  CHECK_FALSE(
      find_property("ab\1"
                    "1\2",
                    "a"));
  CHECK_FALSE(find_property("", "a"));
}

TEST_CASE("iterating gives every piece that counts, in order") {
  const std::string_view text =
      "a\1"
      "1\2\2\1x\2novalue\2a\1"
      "2\2b\1"
      "3";
  const Properties range(text);
  const std::vector<Property> all(range.begin(), range.end());
  CHECK(all == std::vector<Property>{{"a", "1"}, {"a", "2"}, {"b", "3"}});
}

TEST_CASE("setting replaces every namesake and ends the piece a client left open") {
  std::string text =
      "a\1"
      "1\2b\1"
      "2\2a\1"
      "3";
  set_property(text, "a", "9");
  CHECK(text ==
        "b\1"
        "2\2a\1"
        "9\2");
  text =
      "b\1"
      "2";
  set_property(text, "a", "9");
  CHECK(text ==
        "b\1"
        "2\2a\1"
        "9\2");
}

TEST_CASE("erasing takes out every namesake and nothing else") {
  std::string text =
      "a\1"
      "1\2b\1"
      "2\2a\1"
      "3\2junk";
  CHECK(erase_property(text, "a"));
  CHECK(text ==
        "b\1"
        "2\2junk");
  CHECK_FALSE(erase_property(text, "a"));
  CHECK(text ==
        "b\1"
        "2\2junk");
}

TEST_CASE("separators and empty texts cannot be written into properties") {
  CHECK(is_property_text("v"));
  CHECK_FALSE(is_property_text(""));
  CHECK_FALSE(is_property_text("a\1"));
  CHECK_FALSE(is_property_text("\2"));
}

}  // namespace gantry::protocol
