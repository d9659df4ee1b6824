#include "bench_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {
FakeHandler handler(const char* name, int32_t code) {
  return FakeHandler(name, code, [](Call&, const Request&, Token, Why) { return Status::ok; });
}
}  // namespace

TEST_CASE("a code goes to the handler of its door") {
  dispatch::Router router;
  router.add_door("main", {});
  router.add_door("other", {});
  FakeHandler ten = handler("ten", 10);
  REQUIRE(router.add_handler(0, ten).has_value());
  CHECK(router.find(0, 10).handler == &ten);
  CHECK(router.find(0, 11).handler == nullptr);
  CHECK(router.find(1, 10).handler == nullptr);
}

TEST_CASE("one code served twice on a door is refused, naming both") {
  dispatch::Router router;
  router.add_door("main", {});
  FakeHandler one = handler("one", 10);
  FakeHandler two = handler("two", 10);
  REQUIRE(router.add_handler(0, one).has_value());
  const Outcome<void> added = router.add_handler(0, two);
  REQUIRE(added.has_error());
  CHECK(added.error().text == "door main: request code 10 is served by both one and two");
}

TEST_CASE("a fallback serves a code until another handler does, whichever is listed first") {
  FakeHandler refusing = handler("refusing", 10);
  refusing.fall_back();
  FakeHandler other = handler("other", 10);
  other.fall_back();
  FakeHandler serving = handler("serving", 10);
  const auto serves = [](std::vector<FakeHandler*> listed) {
    dispatch::Router router;
    router.add_door("main", {});
    for (FakeHandler* each : listed) REQUIRE(router.add_handler(0, *each).has_value());
    return router.find(0, 10).handler;
  };
  CHECK(serves({&refusing}) == &refusing);
  CHECK(serves({&refusing, &serving}) == &serving);
  CHECK(serves({&serving, &refusing}) == &serving);
  CHECK(serves({&refusing, &other}) == &refusing);
  CHECK(serves({&refusing, &other, &serving}) == &serving);
}

TEST_CASE("a door does not serve the codes it excepts") {
  dispatch::Router router;
  router.add_door("fast", {11});
  FakeHandler pull = handler("pull", 11);
  REQUIRE(router.add_handler(0, pull).has_value());
  CHECK(router.find(0, 11).handler == nullptr);
}

TEST_CASE("an unknown door has no number") {
  dispatch::Router router;
  router.add_door("main", {});
  CHECK(router.door_number("main") == 0);
  CHECK(router.door_number("none") == router.door_count());
}
