// Scripts of filter_lua that loop, recurse, allocate without end, raise errors or return what is no
// verdict: their readers get what `on_error` says, and everybody else is served as before.
#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>

#include "client/connection.hpp"
#include "client/producer.hpp"
#include "client/pull_consumer.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "protocol/pull_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using Catch::Matchers::Contains;
using std::chrono::steady_clock;

namespace {

struct BadScript {
  const char* name;
  const char* source;
  const char* reason;  // of its failure
};

constexpr BadScript bad_scripts[] = {
    {"loops", "return function() while true do end end", "instructions"},
    {"recurses", "local function f(message) return 1 + f(message) end return f", "memory"},
    {"allocates", "return function() local all = {} while true do all = {all, {}} end end",
     "memory"},
    {"searches", "return function() while true do ('x'):rep(1000):find('y') end end",
     "instructions"},
    {"raises", "return function() error('on purpose') end", "on purpose"},
    {"says_nothing", "return function() end", "nil"},
    {"says_a_word", "return function() return 'true' end", "string"},
};
constexpr const char* policies[] = {"stop", "skip", "deliver"};
constexpr const char* topic = "T";

std::string bound_group(const BadScript& script, const std::string& on_error) {
  return fmt::format("{}_{}", script.name, on_error);
}

// A node whose operator bound each script to three groups, one for each `on_error`.
struct BadNode : TestNode {
  BadNode() {
    for (const BadScript& script : bad_scripts) {
      std::ofstream(scripts.path() / (std::string(script.name) + ".lua")) << script.source;
    }
    std::ofstream(scripts.path() / "good.lua") << "return function() return true end";
    Shape shape;  // one shard: nobody is elsewhere
    shape.load.push_back("filter_lua");
    shape.plugins +=
        fmt::format("\n[plugins.filter_lua]\nscripts = \"{}\"\nmemory_bytes_max = 1048576\n",
                    scripts.path().string());
    for (const BadScript& script : bad_scripts) {
      for (const char* on_error : policies) {
        shape.plugins += fmt::format(
            "[[plugins.filter_lua.bind]]\ntopic = \"{}\"\ngroup = \"{}\"\nscript = "
            "\"{}\"\non_error = \"{}\"\n",
            topic, bound_group(script, on_error), script.name, on_error);
      }
    }
    const Outcome<void> started = start(shape);
    INFO((started.has_value() ? "" : started.error().text));
    REQUIRE(started.has_value());
  }

  Folder scripts;
};

client::Reply pull(client::Connection& broker, const std::string& group, const std::string& type,
                   const std::string& expression) {
  protocol::PullMessageHeader header;
  header.consumer_group = group;
  header.topic = topic;
  header.messages_max = 32;
  header.sys_flag = protocol::pull_flag::subscription;
  header.subscription = expression;
  header.expression_type = type;
  const Outcome<client::Reply> reply =
      broker.call(protocol::request_code::pull_message, write_pull_header(header));
  INFO((reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

void check_policy(const client::Reply& reply, const BadScript& script,
                  const std::string& on_error) {
  INFO(script.name << " on_error=" << on_error << ": " << reply.code << " " << reply.remark);
  if (on_error == "stop") {
    CHECK(reply.code == protocol::response_code::system_error);
    CHECK_THAT(reply.remark, Contains(script.name) && Contains(script.reason));
  } else if (on_error == "skip") {
    CHECK(reply.code == protocol::response_code::pull_retry_immediately);
  } else {
    REQUIRE(reply.code == protocol::response_code::success);
    const auto records = protocol::decode_records(reply.body);
    REQUIRE(records.has_value());
    CHECK(records->size() == 1);
  }
}

int64_t resident_bytes() {
  int64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// How long each of many took, in microseconds.
struct Times {
  std::vector<double> all_us;

  void add(steady_clock::time_point since) {
    all_us.push_back(
        std::chrono::duration<double, std::micro>(steady_clock::now() - since).count());
  }
  double percentile(size_t of_hundred) {
    const auto at = all_us.begin() + static_cast<std::ptrdiff_t>(all_us.size() * of_hundred / 100);
    std::nth_element(all_us.begin(), at, all_us.end());
    return *at;
  }
};

// A member of a group that pulls ahead of its application, as clients do.
struct Reader {
  Reader(const std::string& nameserver, const std::string& group,
         const std::string& expression = "*", const std::string& type = "TAG")
      : cluster(nameserver), consumer(cluster, options(group)) {
    const Outcome<void> joined = consumer.subscribe(topic, expression, type);
    INFO((joined.has_value() ? "" : joined.error().text));
    REQUIRE(joined.has_value());
  }
  static client::ConsumerOptions options(const std::string& group) {
    client::ConsumerOptions options;
    options.group = group;
    options.from = client::From::first;
    options.cached_messages_max = 100'000;
    return options;
  }

  client::Cluster cluster;
  client::PullConsumer consumer;
};

// All in one queue, which every reader waits at.
Outcome<client::Sent> send(client::Producer& producer, const std::string& body) {
  return producer.send({.topic = topic, .body = body, .tags = "", .keys = ""},
                       {.exact = client::Destination::Exact{"broker-a", 0}});
}

struct Latency {
  Times sends;
  Times ends;  // from a send's begin until the consumer has the message

  std::string text() {
    return fmt::format("sends {:.0f} us, p99 {:.0f} us; end to end {:.0f} us, p99 {:.0f} us",
                       sends.percentile(50), sends.percentile(99), ends.percentile(50),
                       ends.percentile(99));
  }
};

// Twice as long at most, and what other programs on this machine may add.
bool as_fast(Times& busy, Times& idle) {
  constexpr double spare_median_us = 1'000, spare_us = 5'000;
  return busy.percentile(50) < 2 * idle.percentile(50) + spare_median_us &&
         busy.percentile(99) < 2 * idle.percentile(99) + spare_us;
}

// Of messages sent one by one, each after the group has got the one before.
Latency measure(client::Producer& producer, Reader& group, const std::string& stem) {
  constexpr int count = 2'000;
  constexpr client::milliseconds wait{10'000};
  Latency out;
  for (int i = 0; i < count; ++i) {
    const std::string body = fmt::format("{}{}", stem, i);
    const steady_clock::time_point began = steady_clock::now();
    const auto sent = send(producer, body);
    INFO((sent.has_value() ? "" : sent.error().text));
    REQUIRE(sent.has_value());
    out.sends.add(began);
    for (bool came = false; !came;) {
      const auto messages = group.consumer.poll(wait);
      REQUIRE(messages.has_value());
      REQUIRE_FALSE(messages->empty());
      came = std::any_of(messages->begin(), messages->end(),
                         [&](const client::Received& message) { return message.body == body; });
    }
    out.ends.add(began);
  }
  return out;
}

}  // namespace

TEST_CASE("what a bad script fails on is stopped at, skipped or delivered, as its on_error says") {
  BadNode node;
  client::Cluster cluster(node.nameserver());
  client::Producer producer(cluster, "bad_producer");
  REQUIRE(send(producer, "one").has_value());
  client::Connection broker(node.address("broker"));
  for (const BadScript& script : bad_scripts) {
    for (const std::string on_error : policies) {
      check_policy(pull(broker, bound_group(script, on_error), "TAG", "*"), script, on_error);
      const std::string expression = fmt::format("{} on_error={}", script.name, on_error);
      check_policy(pull(broker, "subscriber", "LUA", expression), script, on_error);
    }
  }
  CHECK(pull(broker, "bystander", "TAG", "*").code == protocol::response_code::success);
}

TEST_CASE("a bad script that fails on one message after another turns no other script away") {
  BadNode node;
  client::Cluster cluster(node.nameserver());
  client::Producer producer(cluster, "bad_producer");
  for (int i = 0; i < 64; ++i) REQUIRE(send(producer, fmt::format("m{}", i)).has_value());
  client::Connection broker(node.address("broker"));
  for (const BadScript& script : bad_scripts) {
    INFO(script.name);
    CHECK(pull(broker, bound_group(script, "skip"), "TAG", "*").code ==
          protocol::response_code::pull_retry_immediately);
    const client::Reply good = pull(broker, "subscriber", "LUA", "good");
    INFO(good.remark);
    CHECK(good.code == protocol::response_code::success);
  }
}

TEST_CASE("readers of bad scripts slow nobody else down, and memory stays bounded") {
  constexpr int64_t growth_bytes_max = 512 << 20;
  constexpr int rounds_max = 3;  // one without disturbance from outside is enough
  BadNode node;
  client::Cluster cluster(node.nameserver());
  client::Producer producer(cluster, "bad_producer");
  REQUIRE(send(producer, "first").has_value());
  Reader bystander(node.nameserver(), "bystander");
  std::vector<std::unique_ptr<Reader>> readers;
  const auto add = [&](const std::string& group, const std::string& expression, const char* type) {
    readers.push_back(std::make_unique<Reader>(node.nameserver(), group, expression, type));
  };
  // As many as will be given everything later, too.
  for (const BadScript& script : bad_scripts)
    add(std::string("unbound_") + script.name, "*", "TAG");
  Latency idle = measure(producer, bystander, "idle");
  readers.clear();
  for (const BadScript& script : bad_scripts) {
    add(bound_group(script, "stop"), "*", "TAG");
    add(bound_group(script, "deliver"), "*", "TAG");
    add(std::string("by_") + script.name, std::string(script.name) + " on_error=skip", "LUA");
  }
  const int64_t before_bytes = resident_bytes();
  std::string told = "idle: " + idle.text();
  bool fast = false;
  for (int round = 0; round < rounds_max && !fast; ++round) {
    Latency busy = measure(producer, bystander, fmt::format("busy{} ", round));
    fast = as_fast(busy.sends, idle.sends) && as_fast(busy.ends, idle.ends);
    told += "\nwith bad scripts: " + busy.text();
  }
  const int64_t grown_bytes = resident_bytes() - before_bytes;
  INFO(told << "\nmemory grew by " << grown_bytes << " bytes");
  WARN(told << grown_bytes);
  CHECK(fast);
  CHECK(grown_bytes < growth_bytes_max);
  for (size_t i = 0; i < readers.size(); ++i) {  // stop, deliver, skip; stop, ...
    const bool delivers = i % 3 == 1;
    const auto got = readers[i]->consumer.poll(client::milliseconds(delivers ? 10'000 : 0));
    REQUIRE(got.has_value());
    CHECK(got->empty() != delivers);
  }
  CHECK(node.failure() == "");
}
