// Push consumers against a cluster of a page.
#include "client/push_consumer.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>

#include "mini_cluster.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;

// What a listener got, in order.
class Heard {
 public:
  void add(std::span<const Received> messages) {
    const std::lock_guard lock(mutex_);
    for (const Received& message : messages) messages_.push_back(message);
  }
  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const Received& message : messages_) out.push_back(message.body);
    return out;
  }
  size_t size() const { return bodies().size(); }
  Received at(size_t i) const {
    const std::lock_guard lock(mutex_);
    return messages_.at(i);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Received> messages_;
};

PushConsumerOptions settings(From from = From::first) {
  PushConsumerOptions options;
  options.group = "billing";
  options.from = from;
  options.threads = 2;
  options.retry_delay = milliseconds(20);
  options.suspend_delay = milliseconds(20);
  options.pull_retry_delay = milliseconds(20);
  return options;
}

Listener into(Heard& heard) {
  return [&heard](std::span<const Received> messages) {
    heard.add(messages);
    return Consumed::done;
  };
}

std::string started(PushConsumer& consumer, std::string_view expression = "*") {
  if (auto said = consumer.subscribe("orders", expression); !said) return said.error().text;
  const auto up = consumer.start();
  return up ? "" : up.error().text;
}

}  // namespace

TEST_CASE("a consumer gets every message once, commits at its end and says goodbye") {
  MiniCluster mini(2);
  for (int i = 0; i < 5; ++i) {
    mini.put(0, "a" + std::to_string(i));
    mini.put(1, "b" + std::to_string(i));
  }
  Cluster cluster(mini.address());
  Heard heard;
  {
    PushConsumer consumer(cluster, settings());
    consumer.on_messages(into(heard));
    REQUIRE(started(consumer) == "");
    REQUIRE(soon([&] { return heard.size() == 10; }));
    CHECK(consumer.assignment() ==
          std::vector<MessageQueue>{{"orders", "a", 0}, {"orders", "a", 1}});
  }
  std::vector<std::string> bodies = heard.bodies();
  std::sort(bodies.begin(), bodies.end());
  CHECK(bodies ==
        std::vector<std::string>{"a0", "a1", "a2", "a3", "a4", "b0", "b1", "b2", "b3", "b4"});
  CHECK(mini.committed(0) == 5);
  CHECK(mini.committed(1) == 5);
  const auto left = mini.server().asked(code::unregister_client);
  REQUIRE(left.size() == 1);
  CHECK(protocol::FieldReader(left[0].fields).text_or("consumerGroup", "") == "billing");
}

TEST_CASE("a queue is begun where the group was, and where nothing is remembered as it is told") {
  MiniCluster mini(1);
  for (int i = 0; i < 4; ++i) mini.put(0, "x");
  Cluster cluster(mini.address());
  const auto begins_at = [&](PushConsumerOptions options) {
    const size_t before = mini.pulled(0).size();
    Heard heard;
    PushConsumer consumer(cluster, options);
    consumer.on_messages(into(heard));
    REQUIRE(started(consumer) == "");
    REQUIRE(soon([&] { return mini.pulled(0).size() > before; }));
    return mini.pulled(0)[before];
  };
  SECTION("first") { CHECK(begins_at(settings(From::first)) == 0); }
  SECTION("last") { CHECK(begins_at(settings(From::last)) == 4); }
  SECTION("timestamp") {
    auto options = settings(From::timestamp);
    options.from_ms = 1'700'000'000'000;
    CHECK(begins_at(options) == 1);
    const auto asked = mini.server().asked(code::search_offset_by_timestamp);
    REQUIRE(asked.size() == 1);
    CHECK(protocol::FieldReader(asked[0].fields).text_or("timestamp", "") == "1700000000000");
  }
  SECTION("remembered") {
    mini.set_committed(0, 3);
    CHECK(begins_at(settings(From::first)) == 3);
  }
}

TEST_CASE("a queue whose offset the broker doesn't tell is left alone until it does") {
  MiniCluster mini(1);
  mini.put(0, "x");
  mini.refuse(code::query_consumer_offset, 1);
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages(into(heard));
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return mini.server().asked(code::query_consumer_offset).size() > 1; }));
  CHECK(mini.pulled(0).empty());
  mini.allow(code::query_consumer_offset);
  CHECK(soon([&] { return heard.size() == 1; }));
}

TEST_CASE("members that come and go change the share at once") {
  MiniCluster mini(4);
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages(into(heard));
  REQUIRE(started(consumer) == "");
  REQUIRE(consumer.assignment().size() == 4);
  const Request changed{code::notify_consumer_ids_changed, {{"consumerGroup", "billing"}}, ""};
  mini.set_others({"~"});  // sorts behind every address
  mini.server().push(changed);
  REQUIRE(soon([&] { return consumer.assignment().size() == 2; }));
  CHECK(consumer.assignment() ==
        std::vector<MessageQueue>{{"orders", "a", 0}, {"orders", "a", 1}});
  mini.set_others({});
  mini.server().push(changed);
  CHECK(soon([&] { return consumer.assignment().size() == 4; }));
}

TEST_CASE("a reset the broker pushes moves the group, and is committed") {
  MiniCluster mini(2);
  for (int i = 0; i < 5; ++i) mini.put(0, std::to_string(i));
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages(into(heard));
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return heard.size() == 5; }));
  protocol::QueueOffsetTable table;
  table.offsets[{"orders", "a", 0}] = 3;
  mini.server().push({code::reset_consumer_client_offset,
                      {{"group", "billing"}, {"topic", "orders"}, {"timestamp", "0"}},
                      protocol::write_body(table, protocol::JsonStyle::legacy)});
  REQUIRE(soon([&] { return heard.size() == 7; }));
  // Its threads run side by side.
  CHECK(std::set<std::string>{heard.bodies()[5], heard.bodies()[6]} ==
        std::set<std::string>{"3", "4"});
}

TEST_CASE("a failed message goes back to the broker, and counts as dealt with") {
  MiniCluster mini(1);
  mini.put(0, "x");
  Cluster cluster(mini.address());
  std::atomic<int> tries{0};
  PushConsumer consumer(cluster, settings());
  consumer.on_messages([&](std::span<const Received>) {
    ++tries;
    return Consumed::later;
  });
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return mini.server().asked(code::consumer_send_msg_back).size() == 1; }));
  consumer.stop();
  CHECK(tries == 1);
  CHECK(mini.committed(0) == 1);
  const auto back = mini.server().asked(code::consumer_send_msg_back);
  const protocol::FieldReader in(back[0].fields);
  CHECK(in.text_or("offset", "") == "0");
  CHECK(in.text_or("group", "") == "billing");
  CHECK(in.text_or("originTopic", "") == "orders");
}

TEST_CASE("what the broker doesn't take back is tried again here, and not committed before") {
  MiniCluster mini(1);
  mini.put(0, "x");
  mini.put(0, "y");
  mini.refuse(code::consumer_send_msg_back, 3);
  Cluster cluster(mini.address());
  Heard heard;
  auto options = settings();
  options.commit_interval = milliseconds(10);
  PushConsumer consumer(cluster, options);
  consumer.on_messages([&](std::span<const Received> messages) {
    heard.add(messages);
    if (messages[0].body == "y") return Consumed::done;
    if (messages[0].reconsume_times == 1) throw 1;
    if (messages[0].reconsume_times < 3) throw std::runtime_error("no");
    return Consumed::done;
  });
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return heard.size() >= 3; }));
  CHECK(mini.committed(0) <= 0);
  REQUIRE(soon([&] { return heard.size() == 5; }));
  CHECK(soon([&] { return mini.committed(0) == 2; }));
}

TEST_CASE("tags with equal hashes are told apart by the client") {
  MiniCluster mini(1);
  mini.put(0, "wanted", "Aa");
  mini.put(0, "not wanted", "BB");  // "Aa" and "BB" have one hash in Java
  mini.put(0, "wanted too", "Aa");
  Cluster cluster(mini.address());
  Heard heard;
  {
    PushConsumer consumer(cluster, settings());
    consumer.on_messages(into(heard));
    REQUIRE(started(consumer, " Aa || C ") == "");
    REQUIRE(soon([&] { return heard.size() >= 2; }));
  }
  std::vector<std::string> bodies = heard.bodies();
  std::sort(bodies.begin(), bodies.end());
  CHECK(bodies == std::vector<std::string>{"wanted", "wanted too"});
  CHECK(mini.committed(0) == 3);
}

TEST_CASE("an orderly queue waits for its lock, and nothing overtakes a suspended message") {
  MiniCluster mini(1);
  for (int i = 0; i < 4; ++i) mini.put(0, std::to_string(i));
  mini.refuse(code::lock_batch_mq, 1);
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages_in_order([&](std::span<const Received> messages) {
    heard.add(messages);
    return messages[0].body == "1" && messages[0].reconsume_times < 2 ? ConsumedInOrder::suspend
                                                                      : ConsumedInOrder::done;
  });
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return mini.server().asked(code::lock_batch_mq).size() >= 2; }));
  CHECK(mini.pulled(0).empty());
  mini.allow(code::lock_batch_mq);
  REQUIRE(soon([&] { return heard.size() == 6; }));
  CHECK(heard.bodies() == std::vector<std::string>{"0", "1", "1", "1", "2", "3"});
  consumer.stop();
  CHECK(mini.committed(0) == 4);
  const auto unlocked = mini.server().asked(code::unlock_batch_mq);
  REQUIRE(unlocked.size() == 1);
  CHECK(protocol::read_body<protocol::LockBatchRequest>(unlocked[0].body)->queues.size() == 1);
}

TEST_CASE("whose connection broke says who it is before it pulls again") {
  MiniCluster mini(1);
  mini.put(0, "x");
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages(into(heard));
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return mini.pulled(0).size() == 2; }));
  const size_t before = mini.server().asked().size();
  mini.server().hang_up();
  REQUIRE(soon([&] { return mini.pulled(0).size() == 3; }));
  const auto asked = mini.server().asked();
  const auto first_of = [&](int32_t wanted) {
    return std::find_if(asked.begin() + static_cast<ptrdiff_t>(before), asked.end(),
                        [&](const Request& request) { return request.code == wanted; });
  };
  CHECK(first_of(code::heart_beat) < first_of(code::pull_message));
}

TEST_CASE("an offset outside of the queue is put right, and that is committed") {
  MiniCluster mini(1);
  for (int i = 0; i < 5; ++i) mini.put(0, std::to_string(i));
  mini.trim(0, 3);
  mini.set_committed(0, 1);
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings());
  consumer.on_messages(into(heard));
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return heard.size() == 2; }));
  CHECK(mini.pulled(0)[0] == 1);
  CHECK(mini.pulled(0)[1] == 3);
}

TEST_CASE("a broadcasting consumer has all queues and remembers in its file") {
  MiniCluster mini(2);
  mini.put(0, "x");
  mini.set_others({"someone", "~"});
  const auto file = std::filesystem::temp_directory_path() /
                    ("gantry-offsets-" + std::to_string(getpid()) + ".json");
  auto options = settings();
  options.model = MessageModel::broadcasting;
  options.offsets_file = file.string();
  for (const size_t wanted : {1u, 0u}) {
    Cluster cluster(mini.address());
    Heard heard;
    const size_t before = mini.pulled(0).size();
    PushConsumer consumer(cluster, options);
    consumer.on_messages(into(heard));
    REQUIRE(started(consumer) == "");
    CHECK(consumer.assignment().size() == 2);
    REQUIRE(soon([&] { return mini.pulled(0).size() > before + wanted; }));
    REQUIRE(soon([&] { return heard.size() >= wanted; }));
    consumer.stop();
    CHECK(heard.size() == wanted);
  }
  CHECK(mini.committed(0) == -1);
  std::filesystem::remove(file);
}

TEST_CASE("a consumer that can't begin says why") {
  Cluster nowhere("127.0.0.1:1");
  Heard heard;
  PushConsumer consumer(nowhere, settings());
  CHECK(consumer.start().error().text.find("listener") != std::string::npos);
  consumer.on_messages(into(heard));
  CHECK(consumer.start().error().text.find("topic") != std::string::npos);
  CHECK(started(consumer).find("127.0.0.1:1 cannot be reached") != std::string::npos);
}

}  // namespace gantry::client::testing
