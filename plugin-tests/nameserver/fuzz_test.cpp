// The fuzz target's properties, in every build: on true registrations, and on what is left of them
// when bytes are lost or changed.
#include <catch2/catch.hpp>

#include "fixture.hpp"
#include "fuzz/nameserver/registration_properties.hpp"

using namespace gantry::nameserver::testing;

namespace {

std::string broken(char how, const std::string& body) {
  const std::string all = how + body;
  return gantry::testing::broken_registration(
      {reinterpret_cast<const uint8_t*>(all.data()), all.size()});
}

void expect_whole(char how, const std::string& body) {
  CHECK(broken(how, body) == "");
  for (size_t at = 0; at < body.size(); ++at) {
    std::string changed = body;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    CHECK(broken(how, body.substr(0, at)) == "");
    CHECK(broken(how, changed) == "");
  }
}

}  // namespace

TEST_CASE("registrations of any bytes are read within bounds or refused with a reason") {
  for (const size_t topics : {0, 1, 3}) {
    std::vector<std::string> names = {"orders", "\u4e2d", "a b"};
    names.resize(topics);
    const auto body = body_of(names);
    expect_whole(0, gantry::protocol::write_body(body));
    expect_whole(7, gantry::protocol::write_register_layout(body));
    expect_whole(3, gantry::protocol::write_register_layout(body));
    expect_whole(1, gantry::protocol::write_register_layout(body));
  }
}

TEST_CASE("a topic by itself of any bytes is taken whole, or nothing of it") {
  gantry::protocol::TopicRouteData route;
  route.queues.push_back({"b", 4, 4, 6, 0});
  expect_whole(0, gantry::protocol::write_body(route));
  route.queues.push_back({"stranger", 4, 4, 6, 0});
  expect_whole(0, gantry::protocol::write_body(route));
}
