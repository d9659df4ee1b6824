#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace gantry::nameserver::testing;
using gantry::protocol::BrokerAddresses;

TEST_CASE("a registered topic has a route to its broker") {
  Fixture f;
  REQUIRE(f.enroll().code == 0);
  const auto route = f.route("T");
  REQUIRE(route.brokers.size() == 1);
  REQUIRE(route.brokers[0].cluster == "c1");
  REQUIRE(route.brokers[0].addresses == BrokerAddresses{{0, "10.0.0.1:10911"}});
  REQUIRE(route.queues.size() == 1);
  REQUIRE(route.queues[0].broker_name == "broker-a");
  REQUIRE(route.queues[0].write_queues == 4);
}

TEST_CASE("an unknown topic is answered 17, naming it") {
  Fixture f;
  f.enroll();
  const fake::Answer answer = f.ask("Nope");
  REQUIRE(answer.code == 17);
  REQUIRE(answer.remark.find("topic: Nope\n") != std::string::npos);
  REQUIRE(f.send({.code = code::get_routeinfo_by_topic}).code == 17);
}

TEST_CASE("the JSON form follows the client's version or its wish") {
  Fixture f;
  f.enroll();
  const std::string standard = R"("brokerAddrs":{"0":"10.0.0.1:10911"})";
  const std::string legacy = R"("brokerAddrs":{0:"10.0.0.1:10911"})";
  REQUIRE(f.ask("T", 401).body.find(standard) != std::string::npos);
  REQUIRE(f.ask("T", 400).body.find(legacy) != std::string::npos);
  const fake::Answer wished =
      f.send({.code = code::get_routeinfo_by_topic,
              .fields = {{"topic", "T"}, {"acceptStandardJsonOnly", "true"}},
              .version = 317});
  REQUIRE(wished.body.find(standard) != std::string::npos);
  REQUIRE(f.send({.code = code::get_broker_cluster_info}).body.find(legacy) != std::string::npos);
}

TEST_CASE("a topic of two brokers has two rows") {
  Fixture f;
  f.enroll();
  f.enroll({.name = "broker-b", .address = "10.0.0.2:10911"});
  REQUIRE(f.route("T").queues.size() == 2);
  REQUIRE(f.route("T").brokers.size() == 2);
}

TEST_CASE("a single topic is added to what its broker registered") {
  Fixture f;
  f.enroll();
  REQUIRE(f.enroll({}, {"V"}).code == 0);
  REQUIRE(f.ask("V").code == 0);
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("a single topic of a broker nobody knows is refused") {
  Fixture f;
  const fake::Answer answer = f.enroll({}, {"V"});
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark == "register broker failed");
  REQUIRE(f.ask("V").code == 17);
}

TEST_CASE("a slave learns its master and does not change the topics") {
  Fixture f;
  f.enroll();
  const fake::Answer answer = f.enroll({.address = "10.0.0.9:10911", .id = 1}, {"T", "Slaves"});
  REQUIRE(answer.field("masterAddr") == "10.0.0.1:10911");
  REQUIRE(answer.field("haServerAddr") == "10.0.0.1:109111");
  REQUIRE(f.ask("Slaves").code == 17);
  REQUIRE(f.route("T").brokers[0].addresses ==
          BrokerAddresses{{0, "10.0.0.1:10911"}, {1, "10.0.0.9:10911"}});
}

TEST_CASE("a broker at a new address replaces itself, and its old life ends unnoticed") {
  Fixture f;
  f.enroll({}, {"T", "U"}, 1);
  f.enroll({.address = "10.0.0.5:10911"}, {"T", "U"}, 2);
  f.host.close_session(1);
  REQUIRE(f.route("T").brokers[0].addresses == BrokerAddresses{{0, "10.0.0.5:10911"}});
}

TEST_CASE("a slave that becomes master leaves its old id") {
  Fixture f;
  f.enroll({.address = "10.0.0.9:10911", .id = 1}, {"T", "U"});
  f.enroll({.address = "10.0.0.9:10911", .id = 0}, {"T", "U"});
  REQUIRE(f.route("T").brokers[0].addresses == BrokerAddresses{{0, "10.0.0.9:10911"}});
}

TEST_CASE("a broker that leaves takes its topics along") {
  Fixture f;
  f.enroll();
  f.enroll({.name = "broker-b", .address = "10.0.0.2:10911"}, {"T", "Only"});
  REQUIRE(f.leave({.name = "broker-b", .address = "10.0.0.2:10911"}).code == 0);
  REQUIRE(f.route("T").queues.size() == 1);
  REQUIRE(f.ask("Only").code == 17);
  REQUIRE(f.leave({.name = "nobody", .address = "10.0.0.7:1"}).code == 0);
}

TEST_CASE("a stand-in for a lost master can be read only") {
  Fixture f;
  auto master = Fixture::registration({}, {"T", "U"}, 1);
  auto slave = Fixture::registration({.address = "10.0.0.9:10911", .id = 1}, {"T", "U"}, 2);
  for (auto* request : {&master, &slave}) request->fields.push_back({"enableActingMaster", "true"});
  f.send(master);
  f.send(slave);
  REQUIRE(f.route("T").queues[0].perm == 6);
  f.leave();
  REQUIRE(f.route("T").queues[0].perm == 4);
  f.send(slave);
  REQUIRE(f.route("T").queues[0].perm == 4);
  f.send(master);
  REQUIRE(f.route("T").queues[0].perm == 6);
}

TEST_CASE("where it is wished, the stand-in is shown in its master's place") {
  Fixture f({{"acting_masters", true}});
  const std::string members = "rmq_sys_SYNC_BROKER_MEMBER_broker-a";
  auto master = Fixture::registration({}, {"T", members}, 1);
  auto slave = Fixture::registration({.address = "10.0.0.9:10911", .id = 1}, {"T", members}, 2);
  for (auto* request : {&master, &slave}) request->fields.push_back({"enableActingMaster", "true"});
  f.send(master);
  f.send(slave);
  REQUIRE(f.route("T").brokers[0].addresses.size() == 2);
  f.leave();
  REQUIRE(f.route("T").brokers[0].addresses.at(0) == "10.0.0.9:10911");
  REQUIRE(f.route("T").brokers[0].addresses.size() == 1);
  REQUIRE(f.route(members).brokers[0].addresses.at(1) == "10.0.0.9:10911");
  f.send(master);
  REQUIRE(f.route("T").brokers[0].addresses.at(1) == "10.0.0.9:10911");
}

TEST_CASE("clusters list their brokers") {
  Fixture f;
  f.enroll();
  f.enroll({.name = "broker-b", .address = "10.0.0.2:10911", .cluster = "c2"});
  const auto answer = f.send({.code = code::get_broker_cluster_info});
  const auto info = gantry::protocol::read_body<gantry::protocol::ClusterInfo>(answer.body).value();
  REQUIRE(info.brokers.size() == 2);
  REQUIRE(info.clusters.at("c2") == std::vector<std::string>{"broker-b"});
}

TEST_CASE("routes are the same on every shard") {
  Fixture f({}, 2);
  f.enroll({}, {"T", "U"}, 1);
  for (const gantry_session client : {10, 11}) {
    const auto answer = f.send(
        {.code = code::get_routeinfo_by_topic, .fields = {{"topic", "T"}}, .session = client});
    REQUIRE(answer.code == 0);
  }
}
