// Pull consumers against a cluster of a page.
#include "client/pull_consumer.hpp"

#include <catch2/catch.hpp>

#include "mini_cluster.hpp"
#include "protocol/codes.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;

constexpr milliseconds poll_wait{10'000};

ConsumerOptions settings() {
  ConsumerOptions options;
  options.group = "billing";
  options.from = From::first;
  options.commit_interval = milliseconds(5);
  return options;
}

std::vector<std::string> take(PullConsumer& consumer, size_t count) {
  std::vector<std::string> bodies;
  while (bodies.size() < count) {
    const auto messages = consumer.poll(poll_wait, count - bodies.size());
    if (!messages || messages->empty()) break;
    for (const Received& message : *messages) bodies.push_back(message.body);
  }
  return bodies;
}

}  // namespace

TEST_CASE("what poll hands out is committed when commit says so, not before") {
  MiniCluster mini(1);
  for (int i = 0; i < 6; ++i) mini.put(0, std::to_string(i));
  Cluster cluster(mini.address());
  {
    PullConsumer consumer(cluster, settings());
    REQUIRE(consumer.subscribe("orders").has_value());
    CHECK(take(consumer, 2) == std::vector<std::string>{"0", "1"});
    CHECK(consumer.commit().has_value());
    CHECK(mini.committed(0) == 2);
    CHECK(take(consumer, 3) == std::vector<std::string>{"2", "3", "4"});
    CHECK(consumer.committed({"orders", "a", 0}).value() == 2);
  }
  CHECK(mini.committed(0) == 2);
  PullConsumer next(cluster, settings());
  REQUIRE(next.subscribe("orders").has_value());
  CHECK(take(next, 4) == std::vector<std::string>{"2", "3", "4", "5"});
}

TEST_CASE("seeking throws away what was pulled and goes on there") {
  MiniCluster mini(1);
  for (int i = 0; i < 6; ++i) mini.put(0, std::to_string(i));
  Cluster cluster(mini.address());
  PullConsumer consumer(cluster, settings());
  REQUIRE(consumer.subscribe("orders").has_value());
  const MessageQueue queue{"orders", "a", 0};
  CHECK(take(consumer, 1) == std::vector<std::string>{"0"});
  REQUIRE(consumer.seek(queue, 4).has_value());
  CHECK(take(consumer, 2) == std::vector<std::string>{"4", "5"});
  REQUIRE(consumer.seek_to_begin(queue).has_value());
  CHECK(take(consumer, 2) == std::vector<std::string>{"0", "1"});
  REQUIRE(consumer.seek_to_time(queue, 1).has_value());
  CHECK(take(consumer, 1) == std::vector<std::string>{"1"});
  REQUIRE(consumer.commit().has_value());
  CHECK(mini.committed(0) == 2);
  REQUIRE(consumer.seek_to_end(queue).has_value());
  CHECK(consumer.poll(milliseconds(20))->empty());
  CHECK(consumer.seek({"orders", "a", 7}, 0).error().text.find("queue 7") != std::string::npos);
  CHECK(consumer.seek(queue, -1).error().text.find("-1") != std::string::npos);
}

TEST_CASE("assigned queues are taken whoever else is in the group, and replaced by the next") {
  MiniCluster mini(3);
  mini.put(0, "zero");
  mini.put(2, "two");
  mini.set_others({"somebody"});
  Cluster cluster(mini.address());
  PullConsumer consumer(cluster, settings());
  REQUIRE(consumer.queues("orders")->size() == 3);
  REQUIRE(consumer.assign({{"orders", "a", 2}}).has_value());
  CHECK(take(consumer, 1) == std::vector<std::string>{"two"});
  REQUIRE(consumer.assign({{"orders", "a", 0}}).has_value());
  CHECK(consumer.assignment() == std::vector<MessageQueue>{{"orders", "a", 0}});
  CHECK(take(consumer, 1) == std::vector<std::string>{"zero"});
  CHECK_FALSE(consumer.subscribe("orders").has_value());
}

TEST_CASE("only so much is pulled ahead, and a full queue leaves something to the others") {
  MiniCluster mini(2);
  for (int i = 0; i < 8; ++i) mini.put(0, "zero");
  mini.put(1, "one");
  Cluster cluster(mini.address());
  auto options = settings();
  options.cached_messages_max = 8;
  PullConsumer consumer(cluster, options);
  REQUIRE(consumer.subscribe("orders").has_value());
  REQUIRE(soon([&] { return mini.pulled(1).size() == 2; }));
  CHECK(mini.pulled(0).size() == 1);  // the next pull waits for room
  const auto first = take(consumer, 4);
  const auto second = take(consumer, 4);
  CHECK((first[0] == "one" || second[0] == "one" ||
         std::count(first.begin(), first.end(), "one") == 1));
  CHECK(take(consumer, 1).size() == 1);
  CHECK(soon([&] { return mini.pulled(0).size() == 2; }));
}

TEST_CASE("a topic that isn't there is an error that says what to do") {
  MiniCluster mini(1);
  Cluster cluster(mini.address());
  PullConsumer consumer(cluster, settings());
  const auto joined = consumer.subscribe("bills");
  REQUIRE_FALSE(joined.has_value());
  CHECK(joined.error().text.find("gantryctl topic create --topic bills") != std::string::npos);
}

}  // namespace gantry::client::testing
