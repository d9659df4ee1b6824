// What consumers tell of what they couldn't do.
#include <catch2/catch.hpp>
#include <mutex>
#include <stdexcept>

#include "client/pull_consumer.hpp"
#include "client/push_consumer.hpp"
#include "mini_cluster.hpp"
#include "protocol/codes.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;
using Kind = Trouble::Kind;
using Bytes = MiniCluster::Bytes;

// What a consumer got and what it told, in order.
class Heard {
 public:
  Listener messages() {
    return [this](std::span<const Received> messages) {
      const std::lock_guard lock(mutex_);
      for (const Received& message : messages) bodies_.push_back(message.body);
      return Consumed::done;
    };
  }
  TroubleListener troubles() {
    return [this](const Trouble& trouble) {
      const std::lock_guard lock(mutex_);
      troubles_.push_back(trouble);
    };
  }
  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  // Of one kind, about "orders" or no topic at all.
  std::vector<Trouble> told(Kind kind = Kind::unreadable) const {
    const std::lock_guard lock(mutex_);
    std::vector<Trouble> out;
    for (const Trouble& trouble : troubles_) {
      const std::string& topic = trouble.queue.topic;
      if (trouble.kind == kind && (topic.empty() || topic == "orders")) out.push_back(trouble);
    }
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::vector<Trouble> troubles_;
};

template <class Options = PushConsumerOptions>
Options settings(Heard& heard) {
  Options options;
  options.group = "billing";
  options.from = From::first;
  options.pull_retry_delay = milliseconds(5);
  options.unreadable_delay_max = milliseconds(40);
  options.on_trouble = heard.troubles();
  return options;
}

std::string started(PushConsumer& consumer) {
  if (auto said = consumer.subscribe("orders"); !said) return said.error().text;
  const auto up = consumer.start();
  return up ? "" : up.error().text;
}

}  // namespace

TEST_CASE("a record nobody can read holds its queue back, told each time, until it can be read") {
  MiniCluster mini(2);
  for (const char* body : {"a", "b", "c", "d"}) mini.put(0, body);
  mini.put(1, "other");
  mini.spoil(0, 2, Bytes::no_record);
  Cluster cluster(mini.address());
  Heard heard;
  auto options = settings(heard);
  options.threads = 1;
  {
    PushConsumer consumer(cluster, options);
    consumer.on_messages(heard.messages());
    REQUIRE(started(consumer) == "");
    REQUIRE(soon([&] { return heard.told().size() >= 5 && heard.bodies().size() == 3; }));
  }
  CHECK(mini.committed(0) == 2);
  const auto told = heard.told();
  const std::vector<int64_t> waits{5, 10, 20, 40, 40};
  for (size_t i = 0; i < waits.size(); ++i) CHECK(told[i].again_in.count() == waits[i]);
  CHECK(told[0].group == "billing");
  CHECK(told[0].queue == MessageQueue{"orders", "a", 0});
  CHECK(told[0].offset == 2);
  CHECK(told[0].why.find("unknown magic") != std::string::npos);
  CHECK(text_of(told[0]).starts_with(
      "group billing, topic orders, queue 0 on broker a, offset 2: the answer to a pull"));
  CHECK(text_of(told[0]).ends_with("; again in 5 ms"));
  // One pull from the begin, then one for each wait.
  CHECK(mini.pulled(0).size() <= told.size() + 1);
  mini.spoil(0, 2, Bytes::whole);
  PushConsumer consumer(cluster, options);
  consumer.on_messages(heard.messages());
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return heard.bodies().size() == 5; }));
  auto bodies = heard.bodies();
  std::sort(bodies.begin(), bodies.end());
  CHECK(bodies == std::vector<std::string>{"a", "b", "c", "d", "other"});
}

TEST_CASE("a body nobody can inflate is held back too, and passed by who seeks beyond it") {
  MiniCluster mini(1);
  for (const char* body : {"a", "b", "c"}) mini.put(0, body);
  mini.spoil(0, 1, Bytes::no_body);
  Cluster cluster(mini.address());
  Heard heard;
  PullConsumer consumer(cluster, settings<ConsumerOptions>(heard));
  REQUIRE(consumer.subscribe("orders").has_value());
  const auto first = consumer.poll(milliseconds(30'000));
  REQUIRE(first.has_value());
  REQUIRE(first->size() == 1);
  REQUIRE(soon([&] { return heard.told().size() >= 2; }));
  CHECK(heard.told()[0].offset == 1);
  CHECK(heard.told()[0].why.starts_with("a message can't be read: "));
  REQUIRE(consumer.seek({"orders", "a", 0}, heard.told()[0].offset + 1).has_value());
  const auto rest = consumer.poll(milliseconds(30'000));
  REQUIRE(rest.has_value());
  REQUIRE(rest->size() == 1);
  CHECK(rest->front().body == "c");
}

TEST_CASE("who says so skips what nobody can read, and is told what that was") {
  MiniCluster mini(1);
  for (const char* body : {"a", "b", "c"}) mini.put(0, body);
  mini.spoil(0, 1, Bytes::no_body);
  Cluster cluster(mini.address());
  Heard heard;
  auto options = settings(heard);
  options.threads = 1;
  options.skip_unreadable = true;
  options.on_trouble = [told = heard.troubles()](const Trouble& trouble) {
    told(trouble);
    throw std::runtime_error("not my day");
  };
  SECTION("a message: the others come") {
    PushConsumer consumer(cluster, options);
    consumer.on_messages(heard.messages());
    REQUIRE(started(consumer) == "");
    REQUIRE(soon([&] { return heard.bodies() == std::vector<std::string>{"a", "c"}; }));
    REQUIRE(heard.told().size() == 1);
    CHECK(heard.told()[0].why.ends_with("; skipped"));
  }
  SECTION("a record: the rest of the answer is unknown") {
    mini.spoil(0, 1, Bytes::no_record);
    PushConsumer consumer(cluster, options);
    consumer.on_messages(heard.messages());
    REQUIRE(started(consumer) == "");
    REQUIRE(soon([&] { return mini.pulled(0).size() == 2; }));
    CHECK(mini.pulled(0)[1] == 3);
    REQUIRE(heard.told().size() == 1);
    CHECK(heard.told()[0].why.ends_with("; skipped up to offset 3"));
  }
  CHECK(heard.told()[0].offset == 1);
  CHECK(heard.told()[0].again_in.count() == 0);
}

TEST_CASE("an answer that doesn't say where to go on is told, and asked for again") {
  MiniCluster mini(1);
  mini.put(0, "a");
  mini.refuse(code::pull_message, 0);  // as if it had found something, and nothing more
  Cluster cluster(mini.address());
  Heard heard;
  PushConsumer consumer(cluster, settings(heard));
  consumer.on_messages(heard.messages());
  REQUIRE(started(consumer) == "");
  REQUIRE(soon([&] { return heard.told().size() >= 2; }));
  CHECK(heard.told()[1].again_in == milliseconds(10));
  mini.allow(code::pull_message);
  CHECK(soon([&] { return heard.bodies().size() == 1; }));
}

}  // namespace gantry::client::testing
