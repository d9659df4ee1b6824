// Messages through a whole node: sent, consumed, and still there after a restart.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <future>
#include <set>

#include "client/producer.hpp"
#include "client/pull_consumer.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace {

constexpr client::milliseconds poll_wait{10'000};

// Bodies "<prefix>0" and on; the answer is what went wrong, or nothing.
std::string send(const std::string& nameserver, const std::string& prefix, int count) {
  client::Cluster cluster(nameserver);
  client::Producer producer(cluster, "delivery_producer");
  for (int i = 0; i < count; ++i) {
    const auto sent = producer.send(
        {.topic = "delivery", .body = fmt::format("{}{}", prefix, i), .tags = "", .keys = ""});
    if (!sent.has_value()) return sent.error().text;
  }
  return {};
}

struct Taken {
  std::multiset<std::string> bodies;
  std::string failure;
};

// What a group gets and commits, until it has `count` or nothing comes any more.
Taken take(const std::string& nameserver, const std::string& group, size_t count) {
  client::Cluster cluster(nameserver);
  client::ConsumerOptions options;
  options.group = group;
  options.from = client::From::first;
  client::PullConsumer consumer(cluster, options);
  Taken out;
  if (const auto joined = consumer.subscribe("delivery"); !joined) return {{}, joined.error().text};
  while (out.bodies.size() < count) {
    const auto messages = consumer.poll(poll_wait);
    if (!messages) return {out.bodies, messages.error().text};
    if (messages->empty()) return {out.bodies, "no more messages came"};
    for (const client::Received& message : *messages) out.bodies.insert(message.body);
  }
  if (const auto committed = consumer.commit(); !committed) {
    out.failure = committed.error().text;
  }
  return out;
}

std::multiset<std::string> bodies(const std::string& prefix, int count) {
  std::multiset<std::string> out;
  for (int i = 0; i < count; ++i) out.insert(fmt::format("{}{}", prefix, i));
  return out;
}

void check_taken(const Taken& taken, const std::multiset<std::string>& wanted) {
  CHECK(taken.failure == "");
  CHECK(taken.bodies == wanted);
}

}  // namespace

TEST_CASE("messages and offsets are there after a restart") {
  Shape shape;
  shape.flush = GENERATE("async", "sync");
  INFO("flush = " << shape.flush);
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  REQUIRE(send(node.nameserver(), "before ", 20) == "");
  check_taken(take(node.nameserver(), "delivery_group", 20), bodies("before ", 20));
  node.stop();
  CHECK(node.failure() == "");

  REQUIRE(node.start(shape).has_value());
  REQUIRE(send(node.nameserver(), "after ", 5) == "");
  // The group goes on behind what it committed; a new one gets everything.
  check_taken(take(node.nameserver(), "delivery_group", 5), bodies("after ", 5));
  std::multiset<std::string> all = bodies("before ", 20);
  all.merge(bodies("after ", 5));
  check_taken(take(node.nameserver(), "another_group", 25), all);
  node.stop();
  CHECK(node.failure() == "");
}

TEST_CASE("two shards serve clients side by side, every message to every group once") {
  constexpr int producers = 4;
  constexpr int each = 50;
  Shape shape;
  shape.shards = 2;
  shape.flush = GENERATE("async", "sync");
  INFO("flush = " << shape.flush);
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  REQUIRE(send(node.nameserver(), "first ", 1) == "");
  std::multiset<std::string> all = bodies("first ", 1);
  std::vector<std::future<std::string>> sending;
  std::vector<std::future<Taken>> taking;
  for (int i = 0; i < producers; ++i) {
    const std::string prefix = fmt::format("producer {} ", i);
    all.merge(bodies(prefix, each));
    sending.push_back(std::async(std::launch::async, send, node.nameserver(), prefix, each));
  }
  for (const char* group : {"one_group", "other_group", "third_group"}) {
    taking.push_back(std::async(std::launch::async, take, node.nameserver(), std::string(group),
                                size_t{producers * each + 1}));
  }
  for (auto& sent : sending) CHECK(sent.get() == "");
  for (auto& taken : taking) check_taken(taken.get(), all);
  node.stop();
  CHECK(node.failure() == "");
}
