// 322: a broker asks whether its topics are known, before it sends them all; and what the state in
// a version decides.
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace gantry::nameserver::testing;
using gantry::protocol::DataVersion;

namespace {

constexpr DataVersion version_1{0, 1'700'000'000'000, 1};

fake::Request registration(const DataVersion& version, const BrokerFields& broker = {},
                           gantry_session session = 1) {
  fake::Request request = Fixture::registration(broker, {"T", "U"}, session);
  auto body = body_of({"T", "U"});
  body.topics.data_version = version;
  request.body = gantry::protocol::write_body(body);
  return request;
}

}  // namespace

TEST_CASE("a stranger's version has changed, and there is none to tell") {
  Fixture f;
  const fake::Answer answer = f.query(version_1);
  REQUIRE(answer.code == 0);
  REQUIRE(answer.field("changed") == "true");
  REQUIRE(answer.body.empty());
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("a version has changed when any part of it differs from the last registration's") {
  Fixture f;
  f.send(registration(version_1));
  REQUIRE(f.query(version_1).field("changed") == "false");
  for (const DataVersion other : {DataVersion{1, version_1.timestamp, 1},
                                  DataVersion{0, version_1.timestamp + 1, 1},
                                  DataVersion{0, version_1.timestamp, 2}}) {
    const fake::Answer answer = f.query(other);
    REQUIRE(answer.field("changed") == "true");
    REQUIRE(answer.body == R"({"counter":1,"stateVersion":0,"timestamp":1700000000000})");
  }
  f.send(registration({0, version_1.timestamp, 2}));
  REQUIRE(f.query({0, version_1.timestamp, 2}).field("changed") == "false");
}

TEST_CASE("asking keeps a broker, under whatever version") {
  Fixture f;
  f.send(registration(version_1));
  for (int i = 0; i < 10; ++i) {
    f.query({0, 5, i});
    f.host.advance_ms(30'000);
  }
  REQUIRE(f.ask("T").code == 0);
  f.host.advance_ms(125'000);
  REQUIRE(f.ask("T").code == 17);
  REQUIRE(f.query(version_1).field("changed") == "true");
}

TEST_CASE("a broker that asks on a new connection survives the end of the old one") {
  Fixture f;
  f.send(registration(version_1, {}, 7));
  REQUIRE(f.query(version_1, {}, 8).field("changed") == "false");
  f.host.close_session(7);
  REQUIRE(f.ask("T").code == 0);
  f.host.close_session(8);
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("another broker's name at the same address is a stranger") {
  Fixture f;
  f.send(registration(version_1));
  REQUIRE(f.query(version_1, {.name = "broker-z"}).field("changed") == "true");
}

TEST_CASE("a question without a version, or a field, is refused by name") {
  Fixture f;
  fake::Request request = Fixture::registration({}, {});
  request.code = code::query_data_version;
  request.body = "garbage";
  const fake::Answer answer = f.send(request);
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark.starts_with("the body, a data version: "));
  request.fields.erase(request.fields.begin());
  REQUIRE(f.send(request).remark == "the field brokerName is missing");
}

TEST_CASE("of two that claim an id, the one with the later state keeps it") {
  Fixture f;
  const BrokerFields chosen{.address = "10.0.0.2:10911"};
  f.send(registration({5, 1, 1}, chosen, 2));
  REQUIRE(f.send(registration({4, 9, 9}, {}, 1)).code == 0);
  REQUIRE(f.route("T").brokers[0].addresses.at(0) == chosen.address);
  REQUIRE(f.host.logged("ignored an outdated claim of 10.0.0.1:10911 to be broker-a 0"));
  f.send(registration({6, 1, 1}, {}, 1));
  REQUIRE(f.route("T").brokers[0].addresses.at(0) == "10.0.0.1:10911");
  f.host.close_session(2);
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("brokers with IPv6 addresses are routed to as they registered") {
  Fixture f;
  f.enroll({.address = "[2001:db8::1]:10911"});
  f.enroll({.name = "broker-b", .address = "10.0.0.2:10911"}, {"T", "V"}, 2);
  const auto route = f.route("T");
  REQUIRE(route.brokers.size() == 2);
  REQUIRE(route.brokers[0].addresses.at(0) == "[2001:db8::1]:10911");
  REQUIRE(route.brokers[1].addresses.at(0) == "10.0.0.2:10911");
  REQUIRE(route.queues.size() == 2);
  f.leave({.address = "[2001:db8::1]:10911"});
  REQUIRE(f.route("T").brokers.size() == 1);
}
