// What operators ask of consumers, through the broker: their running state (307), and to consume
// one message (309).
#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "base/clock.hpp"
#include "client/pull_consumer.hpp"
#include "client/push_consumer.hpp"
#include "mini_cluster.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;
namespace running = protocol::running;
using protocol::ConsumeDirectly;

// Listeners wait at it.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool someone_waits() {
    const std::lock_guard lock(mutex_);
    return waiting_ > 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

PushConsumerOptions settings() {
  PushConsumerOptions options;
  options.group = "billing";
  options.from = From::first;
  options.threads = 3;
  options.commit_interval = milliseconds(5);
  return options;
}

Request about(int32_t request_code, const std::string& group, std::string body = {}) {
  return {request_code,
          {{"consumerGroup", group}, {"clientId", "c"}, {"brokerName", "a"}},
          std::move(body)};
}

std::string record(const std::string& topic, const std::string& body) {
  protocol::MessageView view;
  view.topic = topic;
  view.body = body;
  view.queue_id = 7;
  view.queue_offset = 70;
  return protocol::encode_record(view).value();
}

protocol::ConsumerRunningInfo running_info(MiniCluster& mini) {
  const auto reply = mini.server().ask(about(code::get_consumer_running_info, "billing"));
  INFO((reply ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  CHECK(reply->code == 0);
  return protocol::read_body<protocol::ConsumerRunningInfo>(reply->body).value();
}

protocol::ConsumeDirectlyResult consumed(MiniCluster& mini, const std::string& body) {
  const auto reply =
      mini.server().ask(about(code::consume_message_directly, "billing", record("orders", body)));
  INFO((reply ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  CHECK(reply->code == 0);
  return protocol::read_body<protocol::ConsumeDirectlyResult>(reply->body).value();
}

void refused(MiniCluster& mini, const Request& request, int32_t with, const std::string& part) {
  const auto reply = mini.server().ask(request);
  REQUIRE(reply.has_value());
  CHECK(reply->code == with);
  CHECK_THAT(reply->remark, Catch::Contains(part));
}

}  // namespace

TEST_CASE("a push consumer tells what it subscribes to and where it is in its queues") {
  MiniCluster mini(2);
  for (int i = 0; i < 3; ++i) mini.put(0, "x", "paid");
  mini.put(1, "y", "paid");
  mini.set_others({"~"});  // has the second queue
  Cluster cluster(mini.address());
  const int64_t before = SystemClock().now_ms();
  Gate gate;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages_in_order([&](auto) {
    gate.wait();
    return ConsumedInOrder::done;
  });
  REQUIRE(consumer.subscribe("orders", "paid || sent").has_value());
  REQUIRE(consumer.start().has_value());
  REQUIRE(soon([&] { return gate.someone_waits(); }));

  auto info = running_info(mini);
  CHECK(info.properties[std::string(running::type)] == "CONSUME_PASSIVELY");
  CHECK(info.properties[std::string(running::orderly)] == "true");
  CHECK(info.properties[std::string(running::threads)] == "3");
  CHECK(info.properties[std::string(running::nameservers)] == mini.address() + ";");
  CHECK(info.properties[std::string(running::client_version)] == "V5_5_0");
  CHECK(info.properties["consumeFromWhere"] == "CONSUME_FROM_FIRST_OFFSET");
  CHECK(std::stoll(info.properties[std::string(running::started_ms)]) >= before);
  REQUIRE(info.subscriptions.size() == 2);
  CHECK(info.subscriptions[0].topic == "%RETRY%billing");
  CHECK(info.subscriptions[1].topic == "orders");
  CHECK(info.subscriptions[1].expression == "paid || sent");
  CHECK(info.subscriptions[1].tags == std::vector<std::string>{"paid", "sent"});
  REQUIRE(info.queues.size() == 1);
  CHECK(info.queues.begin()->first == MessageQueue{"orders", "a", 0});
  protocol::ProcessQueueInfo queue = info.queues.begin()->second;
  CHECK(queue.commit_offset == 0);
  CHECK(queue.cached_messages == 3);
  CHECK(queue.cached_min_offset == 0);
  CHECK(queue.cached_max_offset == 2);
  CHECK(queue.locked);
  CHECK_FALSE(queue.dropped);
  CHECK(queue.last_lock_ms >= before);
  CHECK(queue.last_pull_ms >= before);

  const int64_t opened = SystemClock().now_ms();
  gate.open();
  REQUIRE(soon([&] { return mini.committed(0) == 3; }));
  queue = running_info(mini).queues.begin()->second;
  CHECK(queue.commit_offset == 3);
  CHECK(queue.cached_messages == 0);
  CHECK(queue.last_consume_ms >= opened);
}

TEST_CASE("Java reads a consumer's queues: they are keys as they are, not texts") {
  MiniCluster mini(1);
  Cluster cluster(mini.address());
  PullConsumer consumer(cluster, settings());
  REQUIRE(consumer.subscribe("orders").has_value());
  const auto reply = mini.server().ask(about(code::get_consumer_running_info, "billing"));
  REQUIRE(reply.has_value());
  CHECK_THAT(reply->body,
             Catch::Contains(R"("mqTable":{{"brokerName":"a","queueId":0,"topic":"orders"}:{)"));
}

TEST_CASE("a pull consumer tells the same, but no retries and no listener") {
  MiniCluster mini(1);
  Cluster cluster(mini.address());
  PullConsumer consumer(cluster, settings());
  REQUIRE(consumer.subscribe("orders", "paid").has_value());
  auto info = running_info(mini);
  CHECK(info.properties[std::string(running::type)] == "CONSUME_ACTIVELY");
  CHECK(info.properties.count(std::string(running::threads)) == 0);
  REQUIRE(info.subscriptions.size() == 1);
  CHECK(info.subscriptions[0].topic == "orders");
  CHECK(info.queues.size() == 1);
  refused(mini, about(code::consume_message_directly, "billing", record("orders", "x")), 1,
          "group billing pulls here");
}

TEST_CASE("a message that an operator picked goes to the listener, whose word is the answer") {
  MiniCluster mini(1);
  mini.put(0, "x");
  Cluster cluster(mini.address());
  std::mutex mutex;
  std::vector<Received> heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages([&](std::span<const Received> messages) {
    {
      const std::lock_guard lock(mutex);
      heard.insert(heard.end(), messages.begin(), messages.end());
    }
    if (messages[0].body == "bad") throw std::runtime_error("no such account");
    return messages[0].body == "again" ? Consumed::later : Consumed::done;
  });
  REQUIRE(consumer.subscribe("orders").has_value());
  REQUIRE(consumer.start().has_value());
  REQUIRE(soon([&] { return mini.committed(0) == 1; }));

  const auto good = consumed(mini, "good");
  CHECK(good.result == ConsumeDirectly::success);
  CHECK_FALSE(good.order);
  CHECK(consumed(mini, "again").result == ConsumeDirectly::later);
  const auto threw = consumed(mini, "bad");
  CHECK(threw.result == ConsumeDirectly::threw);
  CHECK(threw.remark == "no such account");
  // It is no part of the consumer's queues: nothing of it is sent back or committed.
  CHECK(mini.server().asked(code::consumer_send_msg_back).empty());
  CHECK(running_info(mini).queues.begin()->second.commit_offset == 1);
  const std::lock_guard lock(mutex);
  REQUIRE(heard.size() == 4);
  CHECK(heard[1].body == "good");
  CHECK(heard[1].queue.id == 7);
  CHECK(heard[1].queue.broker == "a");
  CHECK(heard[1].queue_offset == 70);
}

TEST_CASE("an orderly listener consumes a picked message, too, and others needn't wait for it") {
  MiniCluster mini(1);
  Cluster cluster(mini.address());
  Gate gate;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages_in_order([&](std::span<const Received> messages) {
    if (messages[0].body == "slow") gate.wait();
    return messages[0].body == "stop" ? ConsumedInOrder::suspend : ConsumedInOrder::done;
  });
  REQUIRE(consumer.subscribe("orders").has_value());
  REQUIRE(consumer.start().has_value());
  std::future<Outcome<Reply>> slow = std::async(std::launch::async, [&] {
    return mini.server().ask(
        about(code::consume_message_directly, "billing", record("orders", "slow")));
  });
  REQUIRE(soon([&] { return gate.someone_waits(); }));
  const auto stopped = consumed(mini, "stop");
  CHECK(stopped.result == ConsumeDirectly::later);
  CHECK(stopped.order);
  gate.open();
  CHECK(protocol::read_body<protocol::ConsumeDirectlyResult>(slow.get()->body)->result ==
        ConsumeDirectly::success);
}

TEST_CASE("what a client can't answer it says so") {
  MiniCluster mini(1);
  Cluster cluster(mini.address());
  PushConsumer consumer(cluster, settings());
  consumer.on_messages([](auto) { return Consumed::done; });
  REQUIRE(consumer.subscribe("orders").has_value());
  REQUIRE(consumer.start().has_value());
  refused(mini, about(code::get_consumer_running_info, "others"), 1,
          "The Consumer Group <others> not exist in this consumer");
  refused(mini, about(code::consume_message_directly, "others", record("orders", "x")), 1,
          "The Consumer Group <others> not exist in this consumer");
  refused(mini, about(code::consume_message_directly, "billing", "nonsense"), 1,
          "the message cannot be read");
  refused(mini, about(code::consume_message_directly, "billing"), 1, "0 messages in the body");
  refused(mini, about(4711, "billing"), 3, "4711");
}

}  // namespace gantry::client::testing
