// Thousands of pulls held at once: each is woken by the record it waits for, once, and none is
// lost.
#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/admin.hpp"
#include "pipeline.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace {

constexpr const char* topic = "many_pulls";
constexpr int connections = 10;
constexpr int queues = 1'000;

int32_t pull(Pipeline& pipeline, int32_t queue, const char* tags, int64_t hold_ms = 600'000) {
  protocol::PullMessageHeader header;
  header.consumer_group = "many_pulls_group";
  header.topic = topic;
  header.queue_id = queue;
  header.messages_max = 32;
  header.sys_flag = protocol::pull_flag::subscription | protocol::pull_flag::suspend;
  header.suspend_timeout_ms = hold_ms;
  header.subscription = tags;
  header.expression_type = "TAG";
  return pipeline.send(protocol::request_code::pull_message, protocol::write_pull_header(header));
}

// Returns when all requests before have been served: answered, or held.
void settle(Pipeline& pipeline) {
  const int32_t last =
      pipeline.send(protocol::request_code::get_max_offset, {{"topic", topic}, {"queueId", "0"}});
  const auto answer = pipeline.receive();
  REQUIRE(answer.has_value());
  REQUIRE(answer->request == last);
}

// Compiled by then, and the group made, so what follows is held in the order it is sent.
void warm(Pipeline& pipeline, const char* tags) {
  const int32_t first = pull(pipeline, 0, tags, 1);
  const auto answer = pipeline.receive();
  REQUIRE(answer.has_value());
  REQUIRE(answer->request == first);
  REQUIRE(answer->code == protocol::response_code::pull_not_found);
}

void send(Pipeline& pipeline, int32_t queue, const char* tag) {
  protocol::SendMessageHeader header;
  const std::string properties = "TAGS\x01" + std::string(tag) + "\x02";
  header.producer_group = "many_pulls_producer";
  header.topic = topic;
  header.default_topic = "TBW102";
  header.default_topic_queues = 4;
  header.queue_id = queue;
  header.properties = properties;
  pipeline.send(protocol::request_code::send_message_v2,
                protocol::write_send_header(header, protocol::SendForm::v2), "x");
}

}  // namespace

TEST_CASE("ten thousand held pulls are all woken, each once, by a record of their queue and tag") {
  Shape shape;
  shape.shards = GENERATE(1, 2);
  INFO(shape.shards << " shards");
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  client::Cluster cluster(node.nameserver());
  client::Admin admin(cluster);
  REQUIRE(admin.create_topic({.name = topic, .read_queues = queues, .write_queues = queues})
              .has_value());

  std::vector<std::unique_ptr<Pipeline>> pullers;
  std::vector<std::vector<int32_t>> pulls(connections);  // [connection][queue]
  for (int i = 0; i < connections; ++i) {
    const char* tags = i % 2 == 0 ? "*" : "woken || never";
    Pipeline& puller = *pullers.emplace_back(std::make_unique<Pipeline>(node.address("broker")));
    warm(puller, tags);
    for (int queue = 0; queue < queues; ++queue) pulls[i].push_back(pull(puller, queue, tags));
    settle(puller);
  }

  Pipeline producer(node.address("broker"));
  for (int queue = 0; queue < queues; ++queue) send(producer, queue, "woken");
  for (int queue = 0; queue < queues; ++queue) {
    const auto answer = producer.receive();
    REQUIRE(answer.has_value());
    REQUIRE(answer->code == 0);
  }

  for (int i = 0; i < connections; ++i) {
    std::set<int32_t> waiting(pulls[i].begin(), pulls[i].end());
    REQUIRE(waiting.size() == queues);
    while (!waiting.empty()) {
      const auto answer = pullers[i]->receive();
      INFO("connection " << i << ", " << waiting.size() << " pulls still wait");
      REQUIRE(answer.has_value());
      REQUIRE(waiting.erase(answer->request) == 1);  // not twice
      REQUIRE(answer->code == 0);
      const auto records = protocol::decode_records(answer->body);
      REQUIRE(records.has_value());
      REQUIRE(records->size() == 1);
      const int32_t queue = answer->request - pulls[i][0];
      REQUIRE(records->front().queue_id == queue);
      REQUIRE(records->front().queue_offset == 0);
    }
    settle(*pullers[i]);  // and nothing came that nobody asked for
  }
}
