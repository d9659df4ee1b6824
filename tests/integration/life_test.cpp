// A node's start and end: what is left behind, how long it takes, what an end does to clients.
#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "client/cluster.hpp"
#include "client/producer.hpp"
#include "client/pull_consumer.hpp"
#include "pipeline.hpp"
#include "protocol/codes.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using std::chrono::steady_clock;

namespace {

size_t entries(const char* folder) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

size_t maps_naming(const std::string& text) {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find(text) != std::string::npos;
  return count;
}

size_t descriptors() { return entries("/proc/self/fd"); }

// A joined thread leaves the list a moment after it was joined.
bool threads_fall_to(size_t count) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(5);
  while (entries("/proc/self/task") > count) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

void send_one(const TestNode& node) {
  client::Cluster cluster(node.nameserver());
  client::Producer producer(cluster, "life_producer");
  REQUIRE(producer.send({.topic = "life", .body = "x", .tags = "", .keys = ""}).has_value());
}

std::string receive_one(const TestNode& node) {
  client::Cluster cluster(node.nameserver());
  client::ConsumerOptions options;
  options.group = "life_consumer";
  options.from = client::From::first;
  client::PullConsumer consumer(cluster, options);
  REQUIRE(consumer.subscribe("life").has_value());
  const auto received = consumer.poll(std::chrono::seconds(10));
  REQUIRE(received.has_value());
  return received->empty() ? "nothing" : received->front().body;
}

// The queue index of a stopped node: the next start replays the log to it.
void forget_index(const TestNode& node) {
  std::filesystem::remove_all(node.data_dir() / "consumequeue");
  std::filesystem::remove_all(node.data_dir() / "gantry" / "store_file");
}

}  // namespace

TEST_CASE("a node that was stopped leaves no thread, descriptor or mapping behind") {
  TestNode node;
  // The first start makes what lives as long as the process.
  REQUIRE(node.start({}).has_value());
  node.stop();
  const size_t threads = entries("/proc/self/task");
  const size_t open = descriptors();
  for (const int shards : {1, 2}) {
    Shape shape;
    shape.shards = shards;
    REQUIRE(node.start(shape).has_value());
    REQUIRE(maps_naming(node.data_dir().string()) > 0);
    send_one(node);
    node.stop();
    CHECK(threads_fall_to(threads));
    CHECK(descriptors() == open);
    CHECK(maps_naming(node.data_dir().string()) == 0);
    CHECK(!std::filesystem::exists(node.data_dir() / "abort"));
    CHECK(node.failure() == "");
  }
}

TEST_CASE("a node whose start fails leaves nothing running") {
  TestNode node;
  REQUIRE(node.start({}).has_value());
  node.stop();
  const size_t threads = entries("/proc/self/task");
  const size_t open = descriptors();
  Shape shape;
  shape.doors[1].handler = "nobody";  // found last, when the modules run
  REQUIRE(!node.start(shape).has_value());
  CHECK(threads_fall_to(threads));
  CHECK(descriptors() == open);
  REQUIRE(node.start({}).has_value());
  send_one(node);
}

TEST_CASE("a node that is to stop while it replays its log ends its start, and loses nothing") {
  TestNode node;
  REQUIRE(node.start({}).has_value());
  send_one(node);
  node.stop();
  forget_index(node);
  node::Node called_off([](const std::string&) {}, node::Node::Process::shared,
                        [] { return true; });
  const std::filesystem::path file = node.data_dir().parent_path() / "called_off.toml";
  std::ofstream(file) << configuration({}, node.data_dir());
  const Outcome<void> started = called_off.start(file);
  REQUIRE(!started.has_value());
  CHECK_THAT(started.error().text,
             Catch::Contains("the replay of store_file is called off at 0 of "));
  REQUIRE(node.start({}).has_value());
  CHECK(receive_one(node) == "x");
}

TEST_CASE("an idle node stops at once") {
  TestNode node;
  REQUIRE(node.start({}).has_value());
  const auto began = steady_clock::now();
  node.stop();
  CHECK(steady_clock::now() - began < std::chrono::seconds(2));
}

TEST_CASE("a stop ends the connections of clients, and none can come back") {
  TestNode node;
  REQUIRE(node.start({}).has_value());
  const std::string address = node.nameserver();
  // Leaves at the end of its stream, as RocketMQ's clients do: only who stays gets the grace.
  auto connected = std::make_unique<Pipeline>(address);
  connected->send(protocol::request_code::get_broker_cluster_info, {});
  REQUIRE(connected->receive().has_value());
  auto ended = std::async(std::launch::async, [client = std::move(connected)]() mutable {
    const std::unique_ptr<Pipeline> leaves = std::move(client);
    return leaves->receive();
  });
  const auto began = steady_clock::now();
  node.stop();
  CHECK(steady_clock::now() - began < std::chrono::seconds(2));
  const auto received = ended.get();
  REQUIRE(!received.has_value());
  CHECK(received.error().text == "the node closed the connection");
  CHECK_THROWS(Pipeline(address));
}
