// Fixture: a nameserver in a fake host, and a broker's requests in a line each.
#pragma once

#include <zlib.h>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver::testing {

namespace fake = sdk::fake;
namespace code = protocol::request_code;

inline protocol::RegisterBrokerBody body_of(const std::vector<std::string>& topics) {
  protocol::RegisterBrokerBody body;
  for (const std::string& name : topics) {
    protocol::TopicConfig topic;
    topic.name = name;
    topic.read_queues = topic.write_queues = 4;
    body.topics.topics.emplace(name, topic);
  }
  return body;
}

struct BrokerFields {
  std::string name = "broker-a";
  std::string address = "10.0.0.1:10911";
  int64_t id = 0;
  std::string cluster = "c1";
};

struct Fixture {
  explicit Fixture(const fake::Settings& settings = {}, uint32_t shards = 1)
      : host({.shard_count = shards}),
        instance(host.load(gantry_plugin_v1, "nameserver", settings)) {
    host.start();
  }

  static fake::Request registration(const BrokerFields& broker,
                                    const std::vector<std::string>& topics,
                                    gantry_session session = 1) {
    return {.code = code::register_broker,
            .fields = {{"brokerName", broker.name},
                       {"brokerAddr", broker.address},
                       {"clusterName", broker.cluster},
                       {"haServerAddr", broker.address + "1"},
                       {"brokerId", std::to_string(broker.id)}},
            .body = protocol::write_body(body_of(topics)),
            .session = session};
  }
  fake::Answer send(fake::Request request) {
    return host.request("nameserver", std::move(request));
  }
  fake::Answer enroll(const BrokerFields& broker = {},
                      const std::vector<std::string>& topics = {"T", "U"},
                      gantry_session session = 1) {
    return send(registration(broker, topics, session));
  }
  fake::Answer leave(const BrokerFields& broker = {}) {
    return send({.code = code::unregister_broker,
                 .fields = {{"brokerName", broker.name},
                            {"brokerAddr", broker.address},
                            {"clusterName", broker.cluster},
                            {"brokerId", std::to_string(broker.id)}}});
  }
  fake::Answer query(const protocol::DataVersion& version, const BrokerFields& broker = {},
                     gantry_session session = 1) {
    return send({.code = code::query_data_version,
                 .fields = {{"brokerName", broker.name},
                            {"brokerAddr", broker.address},
                            {"clusterName", broker.cluster},
                            {"brokerId", std::to_string(broker.id)}},
                 .body = protocol::write_body(version),
                 .session = session});
  }
  // A client's session is not a broker's.
  fake::Answer ask(const std::string& topic, int32_t version = 513) {
    return send({.code = code::get_routeinfo_by_topic,
                 .fields = {{"topic", topic}},
                 .session = 900,
                 .version = version});
  }
  protocol::TopicRouteData route(const std::string& topic) {
    const fake::Answer answer = ask(topic);
    if (answer.code != 0) throw std::runtime_error("no route of " + topic + ": " + answer.remark);
    return protocol::read_body<protocol::TopicRouteData>(answer.body).value();
  }

  fake::Host host;
  fake::Instance& instance;
};

}  // namespace gantry::nameserver::testing
