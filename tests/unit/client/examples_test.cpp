// The examples of the headers and of sdk/client/README.md, as a program would have them.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "client/admin.hpp"
#include "client/producer.hpp"
#include "client/pull_consumer.hpp"
#include "client/push_consumer.hpp"
#include "mini_cluster.hpp"

using namespace gantry;

namespace {

int send(client::Cluster& cluster) {
  client::Producer producer(cluster, "my_group");
  auto sent = producer.send({.topic = "orders", .body = "hello", .keys = "order-7"});
  if (!sent) fmt::print("{}\n", sent.error().text);
  return sent ? 0 : 1;
}

std::string push(client::Cluster& cluster, std::atomic<int>& count) {
  client::PushConsumerOptions options;
  options.group = "billing";
  options.from = client::From::first;
  client::PushConsumer consumer(cluster, options);
  if (auto known = consumer.subscribe("orders", "*"); !known) return known.error().text;
  consumer.on_messages([&](std::span<const client::Received> messages) {
    for (const auto& message : messages) count += message.body == "hello" ? 1 : 0;
    return client::Consumed::done;
  });
  if (auto started = consumer.start(); !started) return started.error().text;
  client::testing::soon([&] { return count > 0; });
  consumer.stop();
  return "";
}

int pull(client::Cluster& cluster) {
  client::ConsumerOptions options;
  options.group = "auditing";
  options.from = client::From::first;
  client::PullConsumer consumer(cluster, options);
  if (auto joined = consumer.subscribe("orders"); !joined) return -1;
  int count = 0;
  while (auto messages = consumer.poll(client::milliseconds(count == 0 ? 10'000 : 10))) {
    if (messages->empty()) break;
    count += static_cast<int>(messages->size());
    if (auto committed = consumer.commit(); !committed) break;
  }
  return count;
}

}  // namespace

TEST_CASE("the examples of the headers do what they say") {
  client::testing::MiniCluster mini(1);
  mini.put(0, "hello");
  client::Cluster cluster(mini.address());
  auto route = cluster.route("orders");
  if (!route) fmt::print("{}\n", route.error().text);
  CHECK(route.has_value());
  std::atomic<int> count{0};
  CHECK(push(cluster, count) == "");
  CHECK(count == 1);
  CHECK(send(cluster) == 1);  // the cluster of a page stores nothing
  mini.set_committed(0, 0);
  CHECK(pull(cluster) == 1);
}
