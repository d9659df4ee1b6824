// Pulls that a node holds: woken by a send from whichever shard, answered when the node stops.
#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <memory>

#include "client/admin.hpp"
#include "client/producer.hpp"
#include "pipeline.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/pull_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using std::chrono::steady_clock;

namespace {

constexpr const char* topic = "long_poll";
constexpr std::chrono::seconds hold{15};  // receive_timeout is shorter: only a wake answers in time

void create_topic(const TestNode& node) {
  client::Cluster cluster(node.nameserver());
  client::Admin admin(cluster);
  REQUIRE(admin.create_topic({.name = topic, .read_queues = 1, .write_queues = 1}).has_value());
}

void send(const TestNode& node, const std::string& body) {
  client::Cluster cluster(node.nameserver());
  client::Producer producer(cluster, "long_poll_producer");
  REQUIRE(producer.send({.topic = topic, .body = body, .tags = "", .keys = ""}).has_value());
}

int32_t pull(Pipeline& pipeline, int64_t offset, std::chrono::milliseconds wait) {
  protocol::PullMessageHeader header;
  header.consumer_group = "long_poll_group";
  header.topic = topic;
  header.queue_offset = offset;
  header.messages_max = 32;
  header.sys_flag = protocol::pull_flag::subscription;
  if (wait.count() > 0) header.sys_flag |= protocol::pull_flag::suspend;
  header.suspend_timeout_ms = wait.count();
  header.subscription = "*";
  header.expression_type = "TAG";
  return pipeline.send(protocol::request_code::pull_message, protocol::write_pull_header(header));
}

Pipeline::Answer answer(Pipeline& pipeline, int32_t request) {
  const Outcome<Pipeline::Answer> received = pipeline.receive();
  INFO((received.has_value() ? "" : received.error().text));
  REQUIRE(received.has_value());
  REQUIRE(received->request == request);
  return *received;
}

// The number of a pull that is held when this returns: a request behind it has been answered.
int32_t held_pull(Pipeline& pipeline, int64_t offset) {
  const int32_t pulled = pull(pipeline, offset, hold);
  const int32_t behind = pipeline.send(protocol::request_code::get_max_offset,
                                       {{"topic", topic}, {"queueId", "0"}});
  answer(pipeline, behind);
  return pulled;
}

// Its first pull makes the group.
std::unique_ptr<Pipeline> puller(const TestNode& node) {
  auto out = std::make_unique<Pipeline>(node.address("broker"));
  const Pipeline::Answer none = answer(*out, pull(*out, 0, {}));
  REQUIRE(none.code == protocol::response_code::pull_not_found);
  return out;
}

}  // namespace

TEST_CASE("a held pull is woken by a send, on whichever shard") {
  Shape shape;
  shape.shards = GENERATE(1, 2);
  shape.flush = GENERATE("async", "sync");
  INFO(shape.shards << " shards, flush = " << shape.flush);
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  create_topic(node);
  // Two connections are on two shards, if there are two.
  const std::unique_ptr<Pipeline> pullers[] = {puller(node), puller(node)};
  for (int64_t offset = 0; offset < 10; ++offset) {
    int32_t pulls[2];
    for (int i = 0; i < 2; ++i) pulls[i] = held_pull(*pullers[i], offset);
    send(node, "wake up");
    for (int i = 0; i < 2; ++i) {
      const Pipeline::Answer woken = answer(*pullers[i], pulls[i]);
      REQUIRE(woken.code == 0);
      const auto records = protocol::decode_records(woken.body);
      REQUIRE(records.has_value());
      REQUIRE(records->size() == 1);
      REQUIRE(records->front().body == "wake up");
      REQUIRE(records->front().queue_offset == offset);
    }
  }
}

TEST_CASE("a held pull is answered when the node stops") {
  Shape shape;
  shape.shards = GENERATE(1, 2);
  INFO(shape.shards << " shards");
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  create_topic(node);
  // Each waits for its answer, then for the end of its stream, and leaves.
  struct Last {
    Outcome<Pipeline::Answer> answer;
    bool ended;
  };
  std::future<Last> waiting[2];
  int32_t pulls[2];
  for (int i = 0; i < 2; ++i) {
    std::unique_ptr<Pipeline> client = puller(node);
    pulls[i] = held_pull(*client, 0);
    waiting[i] = std::async(std::launch::async, [client = std::move(client)]() mutable {
      const std::unique_ptr<Pipeline> leaves = std::move(client);
      Outcome<Pipeline::Answer> answer = leaves->receive();
      return Last{std::move(answer), !leaves->receive().has_value()};
    });
  }
  const auto began = steady_clock::now();
  node.stop();
  CHECK(steady_clock::now() - began < std::chrono::seconds(3));
  for (int i = 0; i < 2; ++i) {
    const Last last = waiting[i].get();
    REQUIRE(last.answer.has_value());
    CHECK(last.answer->request == pulls[i]);
    CHECK(last.answer->code == protocol::response_code::pull_not_found);
    CHECK(last.ended);
  }
}
