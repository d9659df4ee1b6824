// What tools and dashboards ask of a nameserver, and what they change of its routes.
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace gantry::nameserver::testing;
using gantry::protocol::BrokerAddresses;
using gantry::protocol::TopicList;
namespace protocol = gantry::protocol;

namespace {

using Names = std::vector<std::string>;

const BrokerFields broker_b{.name = "broker-b", .address = "10.0.0.2:10911", .cluster = "c2"};

TopicList list(Fixture& f, int32_t code, fake::Fields fields = {}) {
  const fake::Answer answer = f.send({.code = code, .fields = std::move(fields)});
  REQUIRE(answer.code == 0);
  return protocol::read_body<TopicList>(answer.body).value();
}

fake::Answer wipe(Fixture& f, const std::string& broker) {
  return f.send({.code = code::wipe_write_perm_of_broker, .fields = {{"brokerName", broker}}});
}

fake::Answer delete_topic(Fixture& f, const std::string& topic, const std::string& cluster = {}) {
  return f.send({.code = code::delete_topic_in_namesrv,
                 .fields = {{"topic", topic}, {"clusterName", cluster}}});
}

fake::Answer register_topic(Fixture& f, const std::string& topic, const Names& brokers) {
  protocol::TopicRouteData route;
  for (const std::string& broker : brokers) route.queues.push_back({broker, 2, 2, 6, 0});
  return f.send({.code = code::register_topic_in_namesrv,
                 .fields = {{"topic", topic}},
                 .body = protocol::write_body(route)});
}

fake::Request versioned(int64_t counter, const Names& topics = {"T", "U"}) {
  fake::Request request = Fixture::registration({}, topics);
  auto body = body_of(topics);
  body.topics.data_version = {0, 1, counter};
  request.body = protocol::write_body(body);
  return request;
}

}  // namespace

TEST_CASE("all topics are listed once, whoever serves them") {
  Fixture f;
  REQUIRE(list(f, code::get_all_topic_list_from_nameserver).topics.empty());
  f.enroll();
  f.enroll(broker_b, {"T", "V"});
  REQUIRE(list(f, code::get_all_topic_list_from_nameserver).topics == Names{"T", "U", "V"});
}

TEST_CASE("a cluster's topics are those its brokers serve") {
  Fixture f;
  f.enroll();
  f.enroll(broker_b, {"T", "V"});
  REQUIRE(list(f, code::get_topics_by_cluster, {{"cluster", "c2"}}).topics == Names{"T", "V"});
  REQUIRE(list(f, code::get_topics_by_cluster, {{"cluster", "c3"}}).topics.empty());
  REQUIRE(f.send({.code = code::get_topics_by_cluster}).remark == "the field cluster is missing");
}

TEST_CASE("system topics are the names of clusters and brokers, with a broker to ask for more") {
  Fixture f;
  REQUIRE(list(f, code::get_system_topic_list_from_ns).broker_address.empty());
  f.enroll();
  f.enroll(broker_b);
  const TopicList found = list(f, code::get_system_topic_list_from_ns);
  REQUIRE(found.topics == Names{"c1", "broker-a", "c2", "broker-b"});
  REQUIRE(found.broker_address == "10.0.0.1:10911");
}

TEST_CASE("unit topics are listed by their flags") {
  Fixture f;
  fake::Request request = Fixture::registration({}, {});
  auto body = body_of({"plain", "unit", "subscribed", "both"});
  body.topics.topics.at("unit").topic_sys_flag = protocol::topic_flag::unit;
  body.topics.topics.at("subscribed").topic_sys_flag = protocol::topic_flag::unit_subscription;
  body.topics.topics.at("both").topic_sys_flag =
      protocol::topic_flag::unit | protocol::topic_flag::unit_subscription;
  request.body = protocol::write_body(body);
  f.send(request);
  REQUIRE(list(f, code::get_unit_topic_list).topics == Names{"both", "unit"});
  REQUIRE(list(f, code::get_has_unit_sub_topic_list).topics == Names{"both", "subscribed"});
  REQUIRE(list(f, code::get_has_unit_sub_ununit_topic_list).topics == Names{"subscribed"});
}

TEST_CASE("a broker whose write permission is wiped can be read only, until it is added again") {
  Fixture f;
  f.enroll();
  f.enroll(broker_b);
  REQUIRE(wipe(f, "broker-a").field("wipeTopicCount") == "2");
  REQUIRE(f.route("T").queues[0].perm == 4);
  REQUIRE(f.route("T").queues[1].perm == 6);
  REQUIRE(wipe(f, "broker-a").field("wipeTopicCount") == "2");
  const fake::Answer added =
      f.send({.code = code::add_write_perm_of_broker, .fields = {{"brokerName", "broker-a"}}});
  REQUIRE(added.field("addTopicCount") == "2");
  REQUIRE(f.route("U").queues[0].perm == 6);
  REQUIRE(wipe(f, "nobody").field("wipeTopicCount") == "0");
  REQUIRE(wipe(f, "").remark == "the field brokerName is missing");
}

TEST_CASE("a wiped permission outlives heartbeats, and goes with the broker's next change") {
  Fixture f;
  f.send(versioned(1));
  wipe(f, "broker-a");
  f.send(versioned(1));
  REQUIRE(f.route("T").queues[0].perm == 4);
  f.send(versioned(2));
  REQUIRE(f.route("T").queues[0].perm == 6);
}

TEST_CASE("a wiped permission ends with its broker") {
  Fixture f;
  f.send(versioned(1));
  wipe(f, "broker-a");
  f.leave();
  f.send(versioned(1));
  REQUIRE(f.route("T").queues[0].perm == 6);
}

TEST_CASE("a deleted topic is gone until a broker that has it registers again") {
  Fixture f;
  f.send(versioned(1));
  REQUIRE(delete_topic(f, "T").code == 0);
  REQUIRE(f.ask("T").code == 17);
  REQUIRE(f.ask("U").code == 0);
  REQUIRE(delete_topic(f, "T").code == 0);
  REQUIRE(delete_topic(f, "").remark == "the field topic is missing");
  f.send(versioned(1));
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("a topic deleted of one cluster stays in others") {
  Fixture f;
  f.enroll();
  f.enroll(broker_b);
  REQUIRE(delete_topic(f, "T", "c2").code == 0);
  REQUIRE(f.route("T").queues.size() == 1);
  REQUIRE(f.route("T").queues[0].broker_name == "broker-a");
  REQUIRE(delete_topic(f, "T", "c3").code == 0);
  REQUIRE(f.ask("T").code == 0);
  REQUIRE(delete_topic(f, "T", "c1").code == 0);
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("a topic registered by itself has a route to the brokers it names") {
  Fixture f;
  f.enroll();
  REQUIRE(register_topic(f, "New", {"broker-a"}).code == 0);
  REQUIRE(f.route("New").queues[0].write_queues == 2);
  f.leave();
  REQUIRE(f.ask("New").code == 17);
}

TEST_CASE("a topic registered by itself for a broker that doesn't live is not taken") {
  Fixture f;
  f.enroll();
  REQUIRE(register_topic(f, "New", {"broker-a", "broker-x"}).code == 0);
  REQUIRE(f.ask("New").code == 17);
  REQUIRE(f.host.logged("New was registered for the broker broker-x"));
  REQUIRE(register_topic(f, "New", {""}).code == 0);
  REQUIRE(f.ask("New").code == 17);
  REQUIRE(register_topic(f, "New", {}).code == 0);
  REQUIRE(f.ask("New").code == 17);
}

TEST_CASE("a topic registered by itself with a body that can't be read is refused") {
  Fixture f;
  const fake::Answer answer = f.send(
      {.code = code::register_topic_in_namesrv, .fields = {{"topic", "New"}}, .body = "garbage"});
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark.starts_with("the body, a topic's route: "));
}

TEST_CASE("a broker's members are those of its name that live") {
  Fixture f;
  f.enroll();
  f.enroll({.address = "10.0.0.9:10911", .id = 1});
  const auto members = [&](const std::string& broker) {
    const fake::Answer answer = f.send({.code = code::get_broker_member_group,
                                        .fields = {{"clusterName", "c1"}, {"brokerName", broker}}});
    return protocol::read_body<protocol::BrokerMemberGroup>(answer.body).value();
  };
  REQUIRE(members("broker-a").addresses ==
          BrokerAddresses{{0, "10.0.0.1:10911"}, {1, "10.0.0.9:10911"}});
  REQUIRE(members("nobody").addresses.empty());
}

TEST_CASE("a light heartbeat keeps a broker, and makes none") {
  Fixture f;
  f.enroll();
  const auto beat = [&](const std::string& address) {
    return f.send(
        {.code = code::broker_heartbeat,
         .fields = {{"clusterName", "c1"}, {"brokerAddr", address}, {"brokerName", "broker-a"}}});
  };
  for (int i = 0; i < 10; ++i) {
    REQUIRE(beat("10.0.0.1:10911").code == 0);
    f.host.advance_ms(30'000);
  }
  REQUIRE(f.ask("T").code == 0);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(beat("10.0.0.7:10911").code == 0);
    f.host.advance_ms(30'000);
  }
  REQUIRE(f.ask("T").code == 17);
}
