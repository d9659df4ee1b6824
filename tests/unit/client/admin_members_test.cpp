// What an operator learns of a group's members, from brokers that say what a test wants.
#include <catch2/catch.hpp>

#include "client/admin.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "scripted_server.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;

protocol::SubscriptionData of_tag(const std::string& topic, const std::string& tag) {
  protocol::SubscriptionData data;
  data.topic = topic;
  data.expression = tag;
  data.tags = {tag};
  return data;
}

std::string says(std::vector<protocol::SubscriptionData> subscriptions) {
  protocol::ConsumerRunningInfo info;
  info.subscriptions = std::move(subscriptions);
  return protocol::write_body(info, protocol::JsonStyle::legacy);
}

// Two brokers, the first of which is the nameserver, too. Members are listed where a
// test says, and answer with its words; a word that is a number is a refusal of the broker's.
class Brokers {
 public:
  using Words = std::map<std::string, std::string>;
  Brokers(Words at_a, Words at_b)
      : a_([this, at_a](const Request& request) { return answer(request, at_a); }),
        b_([this, at_b](const Request& request) { return answer(request, at_b); }) {}

  std::string address() const { return a_.address(); }
  size_t asked_members() const {
    return a_.asked(code::get_consumer_running_info).size() +
           b_.asked(code::get_consumer_running_info).size();
  }

 private:
  std::optional<Reply> answer(const Request& request, const Words& members) {
    protocol::FieldReader in(request.fields);
    switch (request.code) {
      case code::get_broker_cluster_info: {
        protocol::ClusterInfo info;
        for (const auto& [name, server] :
             std::map<std::string, ScriptedServer*>{{"broker-a", &a_}, {"broker-b", &b_}}) {
          info.brokers[name].cluster = "cluster";
          info.brokers[name].broker_name = name;
          info.brokers[name].addresses[0] = server->address();
          info.clusters["cluster"].push_back(name);
        }
        return reply(0, protocol::write_body(info));
      }
      case code::get_consumer_connection_list: {
        if (members.empty()) return reply(protocol::response_code::consumer_not_online);
        protocol::ConsumerConnection known;
        for (const auto& [client, word] : members) {
          known.connections.emplace_back().client_id = client;
        }
        return reply(0, protocol::write_body(known));
      }
      case code::get_consumer_running_info: {
        const std::string& word = members.at(std::string(in.text("clientId")));
        if (in.text("consumerGroup") != "billing") return reply(1);
        if (const auto refusal = protocol::parse_i32(word)) return reply(*refusal);
        return reply(0, word);
      }
      default:
        return reply(3);
    }
  }

  ScriptedServer a_;
  ScriptedServer b_;
};

Agreement agreement(const Brokers& brokers) {
  Cluster cluster(brokers.address());
  Admin admin(cluster);
  const auto members = admin.group_members("billing");
  INFO((members ? "" : members.error().text));
  REQUIRE(members.has_value());
  return admin.agreement("billing", *members);
}

}  // namespace

TEST_CASE("members on several brokers are compared, each asked where it is known") {
  const Brokers brokers({{"m1", says({of_tag("T", "x")})}}, {{"m2", says({of_tag("T", "y")})}});
  const Agreement found = agreement(brokers);
  CHECK(found.difference ==
        "client m1 subscribes to T with TAG x, client m2 subscribes to T with TAG y");
  CHECK(found.unknown.empty());
}

TEST_CASE("a member on both brokers is asked once") {
  const std::string same = says({of_tag("T", "x"), of_tag("%RETRY%billing", "*")});
  const Brokers brokers({{"m1", same}, {"m2", says({of_tag("T", "x")})}}, {{"m1", same}});
  const Agreement found = agreement(brokers);
  CHECK(found.difference.empty());
  CHECK(found.unknown.empty());
  CHECK(brokers.asked_members() == 2);
}

TEST_CASE("members that don't say what they subscribe to are named, the others are compared") {
  const Brokers brokers({{"m1", says({of_tag("T", "x")})},
                         {"m2", "207"},
                         {"m3", says({of_tag("T", "y")})},
                         {"m4", "nonsense"}},
                        {});
  const Agreement found = agreement(brokers);
  CHECK_THAT(found.difference, Catch::Contains("client m3 subscribes to T with TAG y"));
  REQUIRE(found.unknown.size() == 2);
  CHECK_THAT(found.unknown.at("m2"), Catch::Contains("answered 207 (CONSUME_MSG_TIMEOUT)"));
  CHECK_THAT(found.unknown.at("m4"), Catch::Contains("cannot be read"));
}

TEST_CASE("a member alone differs from nobody and is not asked") {
  const Brokers brokers({{"m1", says({of_tag("T", "x")})}}, {});
  CHECK(agreement(brokers).difference.empty());
  CHECK(brokers.asked_members() == 0);
}

}  // namespace gantry::client::testing
