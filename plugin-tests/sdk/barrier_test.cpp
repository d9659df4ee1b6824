#include "cpp/barrier.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

gantry_error fresh() {
  gantry_error error{};
  error.struct_size = sizeof error;
  return error;
}

}  // namespace

TEST_CASE("a refusal crosses the barrier as status, wire code and text") {
  gantry_error error = fresh();
  const auto refuse = []() -> gantry_status { throw Refusal(GANTRY_REFUSED, "not today", 16); };
  REQUIRE(barrier(&error, refuse) == GANTRY_REFUSED);
  REQUIRE(error.code == GANTRY_REFUSED);
  REQUIRE(error.wire_code == 16);
  REQUIRE(std::string(error.text) == "not today");
}

TEST_CASE("any other exception crosses as a fault with its what") {
  gantry_error error = fresh();
  REQUIRE(barrier(&error, []() -> gantry_status { throw std::runtime_error("broken"); }) ==
          GANTRY_FAULT);
  REQUIRE(std::string(error.text) == "broken");
  REQUIRE(error.wire_code == 0);
  REQUIRE(barrier(&error, []() -> gantry_status { throw 42; }) == GANTRY_FAULT);
  REQUIRE(std::string(error.text) == "an exception of unknown type");
}

TEST_CASE("without an exception the status passes and the error stays as it was") {
  gantry_error error = fresh();
  REQUIRE(barrier(&error, [] { return GANTRY_PENDING; }) == GANTRY_PENDING);
  REQUIRE(error.text[0] == '\0');
  REQUIRE(barrier(nullptr, []() -> gantry_status { throw 42; }) == GANTRY_FAULT);
}

TEST_CASE("an error text is cut at its end and always terminated") {
  gantry_error error = fresh();
  set_error(&error, GANTRY_FAULT, std::string(1000, 'x'));
  REQUIRE(std::string(error.text) == std::string(sizeof error.text - 1, 'x'));
  set_error(&error, GANTRY_FAULT, "short");
  REQUIRE(std::string(error.text) == "short");
}

TEST_CASE("an older host's error record is not written beyond its end") {
  gantry_error error = fresh();
  error.struct_size = offsetof(gantry_error, text);
  error.text[0] = 'z';
  REQUIRE(set_error(&error, GANTRY_FAULT, "no room", 5) == GANTRY_FAULT);
  REQUIRE(error.text[0] == 'z');
  REQUIRE(error.wire_code == 0);
}

TEST_CASE("values cross without a copy") {
  const std::string text = "topic";
  REQUIRE(view(str(text)).data() == text.data());
  REQUIRE(view(bytes(std::string_view(text))) == "topic");
  REQUIRE(view(gantry_str{}).empty());
  REQUIRE(span(gantry_slice{}).empty());
}
