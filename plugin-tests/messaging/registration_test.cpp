// What the nameservers hear, when, and what start-up refuses.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
using Catch::Contains;

namespace {

std::string field(const Told& told, const std::string& name) {
  for (const auto& [key, value] : told.fields) {
    if (key == name) return value;
  }
  return "<none>";
}

gantry::protocol::RegisterBrokerBody body(const Told& told) {
  auto read = gantry::protocol::read_body<gantry::protocol::RegisterBrokerBody>(told.body);
  REQUIRE(read.has_value());
  return *read;
}

}  // namespace

TEST_CASE("a broker that goes live registers itself and its system topics") {
  Rig rig;
  REQUIRE(rig.told().size() == 1);
  const Told& told = rig.told()[0];
  CHECK(told.code == 103);
  CHECK(field(told, "brokerName") == "broker-a");
  CHECK(field(told, "brokerAddr") == "127.0.0.1:10911");
  CHECK(field(told, "clusterName") == "DefaultCluster");
  CHECK(field(told, "haServerAddr") == "127.0.0.1:10912");
  CHECK(field(told, "brokerId") == "0");
  const auto topics = body(told).topics.topics;
  REQUIRE(topics.contains("TBW102"));
  CHECK(topics.at("TBW102").perm == 7);
  CHECK(topics.at("TBW102").write_queues == 8);
  CHECK(topics.at("SCHEDULE_TOPIC_XXXX").read_queues == 18);
  CHECK(topics.at("DefaultCluster").read_queues == 16);
  CHECK(topics.at("DefaultCluster_REPLY_TOPIC").read_queues == 1);
  CHECK(topics.at("rmq_sys_REVIVE_LOG_DefaultCluster").read_queues == 8);
}

TEST_CASE("it registers again every 30 s, with what it has by then") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  rig.forget_told();
  rig.host.advance_ms(29'999);
  CHECK(rig.told().empty());
  rig.host.advance_ms(1);
  REQUIRE(rig.told().size() == 1);
  const auto topics = body(rig.told()[0]).topics;
  CHECK(topics.topics.at("T").write_queues == 4);
  CHECK(topics.topics.contains("TBW102"));
  CHECK(topics.data_version.counter == 1);
  rig.host.advance_ms(60'000);
  CHECK(rig.told().size() == 3);
}

TEST_CASE("a change tells of the changed topic only, groups tell of their retry topic") {
  Rig rig;
  rig.forget_told();
  rig.ask(310, send_v2("T"), "x");
  REQUIRE(rig.told().size() == 1);
  CHECK(body(rig.told()[0]).topics.topics.size() == 1);
  rig.ask(34, {}, heartbeat({}));
  REQUIRE(rig.told().size() == 2);
  CHECK(body(rig.told()[1]).topics.topics.contains("%RETRY%G"));
  CHECK(body(rig.told()[1]).topics.data_version.counter == 2);
}

TEST_CASE("a nameserver that refuses costs a warning, not the send") {
  Rig rig;
  rig.nameserver_answers(1);
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);
  CHECK(rig.host.logged("not registered at door nameserver: answer 1"));
}

TEST_CASE("a nameserver that is not there costs a warning too") {
  Rig rig({.settings = {{"nameservers", fake::SettingValue::List{"door:elsewhere"}}},
           .nameserver = false});
  CHECK(rig.host.logged("not registered at door elsewhere: there is no such door"));
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);
}

TEST_CASE("a broker without nameservers works alone") {
  Rig rig({.nameserver = false});
  CHECK(rig.ask(310, send_v2("T"), "x").code == code::success);
}

TEST_CASE("a broker that stops takes itself out of the routes") {
  Rig rig;
  rig.forget_told();
  rig.host.stop();
  REQUIRE(rig.told().size() == 1);
  CHECK(rig.told()[0].code == 104);
  CHECK(field(rig.told()[0], "brokerName") == "broker-a");
  CHECK(field(rig.told()[0], "brokerAddr") == "127.0.0.1:10911");
  CHECK(field(rig.told()[0], "brokerId") == "0");
  CHECK(rig.told()[0].body.empty());
}

TEST_CASE("settings that cannot work are refused at start, naming key and value") {
  const auto refusal = [](RigOptions options) {
    Rig rig(std::move(options), nullptr, nullptr, false);
    try {
      rig.host.start();
    } catch (const std::runtime_error& refused) {
      return std::string(refused.what());
    }
    return std::string("started");
  };
  for (const char* entry : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":9876",
                            "::1:9876", "[::1]", "[nonsense]:9876", "a:1;b:2", "a b:1"}) {
    INFO(entry);
    CHECK_THAT(refusal({.settings = {{"nameservers", fake::SettingValue::List{entry}}}}),
               Contains("nameservers: \"" + std::string(entry) + "\" is neither"));
  }
  CHECK_THAT(refusal({.settings = {{"nameservers", fake::SettingValue::List{"a:1", "a:1"}}}}),
             Contains("nameservers: \"a:1\" is there twice"));
  CHECK_THAT(refusal({.settings = {{"nameservers", fake::SettingValue::List{"door:"}}}}),
             Contains("nameservers: \"door:\""));
  CHECK_THAT(refusal({.settings = {{"broker_door", "front"}}}),
             Contains("broker_door: this node has no door \"front\""));
  CHECK_THAT(refusal({.settings = {{"default_topic_queues", 9}, {"topic_queues_max", 8}}}),
             Contains("default_topic_queues: 9"));
}

TEST_CASE("messaging has no state of the log: it starts at its end and persists all of it") {
  fake::Log log;
  log.append_visible({.topic = "T"});
  Rig rig({}, &log);
  CHECK(rig.host.consumed(*rig.messaging) == log.end());
  CHECK(rig.host.persist(*rig.messaging) == log.mark(GANTRY_MARK_STABLE));
}

TEST_CASE("timers rest while the module is quiesced and go on after") {
  Rig rig;
  rig.forget_told();
  rig.host.quiesce(*rig.messaging);
  rig.host.advance_ms(60'000);
  CHECK(rig.told().empty());
  rig.host.resume(*rig.messaging);
  rig.host.advance_ms(30'000);
  CHECK(rig.told().size() == 1);
}
