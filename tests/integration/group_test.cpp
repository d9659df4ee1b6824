// Groups of consumers on a whole node: shares, order, members that vanish.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <optional>
#include <set>

#include "client/admin.hpp"
#include "client/producer.hpp"
#include "client/push_consumer.hpp"
#include "protocol/codes.hpp"
#include "scripted_server.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using client::MessageQueue;
using client::testing::soon;

namespace {

constexpr const char* topic = "shared";
constexpr int32_t queues = 8;

// What the members of a group got, and who got it.
class Ledger {
 public:
  void add(int member, std::span<const client::Received> messages) {
    const std::lock_guard lock(mutex_);
    for (const client::Received& message : messages) {
      ++times_[message.body];
      offsets_[message.queue.id].push_back(message.queue_offset);
      members_[message.queue.id].insert(member);
    }
    changed_.notify_all();
  }
  // Until that many different messages came.
  bool wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30),
                             [&] { return times_.size() >= count; });
  }
  std::map<std::string, int> times() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }
  std::map<int32_t, std::vector<int64_t>> offsets() const {
    const std::lock_guard lock(mutex_);
    return offsets_;
  }
  std::map<int32_t, std::set<int>> members() const {
    const std::lock_guard lock(mutex_);
    return members_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> times_;
  std::map<int32_t, std::vector<int64_t>> offsets_;
  std::map<int32_t, std::set<int>> members_;
};

// A member of group "sharers" with a client of its own.
class Sharer {
 public:
  Sharer(const std::string& nameserver, int number, Ledger& ledger, bool orderly)
      : cluster_(nameserver), consumer_(cluster_, options()) {
    if (orderly) {
      consumer_.on_messages_in_order([&ledger, number](auto messages) {
        ledger.add(number, messages);
        return client::ConsumedInOrder::done;
      });
    } else {
      consumer_.on_messages([&ledger, number](auto messages) {
        ledger.add(number, messages);
        return client::Consumed::done;
      });
    }
  }
  std::string start() {
    if (auto said = consumer_.subscribe(topic); !said) return said.error().text;
    const auto up = consumer_.start();
    return up ? "" : up.error().text;
  }
  std::vector<MessageQueue> assignment() { return consumer_.assignment(); }

 private:
  static client::PushConsumerOptions options() {
    client::PushConsumerOptions out;
    out.group = "sharers";
    out.from = client::From::first;
    out.threads = 2;
    out.commit_interval = client::milliseconds(100);
    return out;
  }
  client::Cluster cluster_;
  client::PushConsumer consumer_;
};

// Each has its half, and together they have all.
bool halves(Sharer& one, Sharer& other) {
  std::vector<MessageQueue> all = one.assignment();
  const std::vector<MessageQueue> rest = other.assignment();
  if (all.size() != queues / 2 || rest.size() != queues / 2) return false;
  all.insert(all.end(), rest.begin(), rest.end());
  std::sort(all.begin(), all.end());
  return std::unique(all.begin(), all.end()) == all.end() && all.size() == queues;
}

void create_topic(client::Cluster& cluster) {
  client::Admin admin(cluster);
  const auto made =
      admin.create_topic({.name = topic, .read_queues = queues, .write_queues = queues});
  INFO((made ? "" : made.error().text));
  REQUIRE(made.has_value());
}

void send(client::Cluster& cluster, int begin, int end) {
  client::Producer producer(cluster, "sharing_producer");
  std::atomic<int> good{0};
  std::mutex mutex;
  std::condition_variable answered;
  int answers = 0;
  for (int i = begin; i < end; ++i) {
    producer.send_async({.topic = topic, .body = fmt::format("{}", i)}, [&](const auto& sent) {
      if (sent) ++good;
      const std::lock_guard lock(mutex);
      ++answers;
      answered.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return answers == end - begin; });
  CHECK(good == end - begin);
}

// `gantryctl consume` as a process of its own, which can be killed.
class Process {
 public:
  explicit Process(const std::string& nameserver) {
    std::string program = std::string(GANTRY_BINARY_DIR) + "/bin/gantryctl";
    std::string words[] = {program, "-n",      nameserver, "consume", "--topic", topic,
                           "--group", "sharers", "--wait",   "3600"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Process() { end(SIGKILL); }
  void end(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("two consumers of a group share eight queues, and each message goes to one of them once") {
  const bool orderly = GENERATE(false, true);
  INFO((orderly ? "orderly" : "concurrently"));
  constexpr int count = 2000;
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  std::optional<client::Cluster> cluster(std::in_place, node.nameserver());
  create_topic(*cluster);
  Ledger ledger;
  {
    Sharer one(node.nameserver(), 1, ledger, orderly);
    Sharer other(node.nameserver(), 2, ledger, orderly);
    REQUIRE(one.start() == "");
    REQUIRE(other.start() == "");
    REQUIRE(soon([&] { return halves(one, other); }));
    const auto before = one.assignment();
    send(*cluster, 0, count);
    REQUIRE(ledger.wait_for(count));
    CHECK(one.assignment() == before);
    CHECK(halves(one, other));
  }
  for (const auto& [body, times] : ledger.times()) {
    INFO(body);
    CHECK(times == 1);
  }
  for (const auto& [queue, members] : ledger.members()) CHECK(members.size() == 1);
  auto offsets = ledger.offsets();
  CHECK(offsets.size() == queues);
  for (auto& [queue, seen] : offsets) {
    INFO("queue " << queue);
    // Concurrent listeners see a queue in any order; an orderly one as it was stored.
    if (!orderly) std::sort(seen.begin(), seen.end());
    for (size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == static_cast<int64_t>(i));
  }
  // All of it was committed when they left.
  for (const auto& [queue, seen] : offsets) {
    const auto committed = cluster->call(
        node.address("broker"), protocol::request_code::query_consumer_offset,
        {{"consumerGroup", "sharers"}, {"topic", topic}, {"queueId", fmt::format("{}", queue)}});
    REQUIRE(committed.has_value());
    CHECK(protocol::FieldReader(committed->fields).text_or("offset", "") ==
          fmt::format("{}", seen.size()));
  }
  cluster.reset();
  node.stop();
  CHECK(node.failure() == "");
}

TEST_CASE("what a member had that was killed is others' again, and nothing is missing") {
  constexpr int count = 400;
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  client::Cluster cluster(node.nameserver());
  create_topic(cluster);
  Ledger ledger;
  Sharer stays(node.nameserver(), 1, ledger, false);
  REQUIRE(stays.start() == "");
  REQUIRE(stays.assignment().size() == queues);
  Process killed(node.nameserver());
  REQUIRE(soon([&] { return stays.assignment().size() == queues / 2; }));
  killed.end(SIGKILL);
  REQUIRE(soon([&] { return stays.assignment().size() == queues; }));
  send(cluster, 0, count);
  CHECK(ledger.wait_for(count));
}

TEST_CASE("gantryctl consume leaves its group when it is told to end") {
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  client::Cluster cluster(node.nameserver());
  create_topic(cluster);
  Ledger ledger;
  Sharer stays(node.nameserver(), 1, ledger, false);
  REQUIRE(stays.start() == "");
  Process leaves(node.nameserver());
  REQUIRE(soon([&] { return stays.assignment().size() == queues / 2; }));
  leaves.end(SIGTERM);
  CHECK(soon([&] { return stays.assignment().size() == queues; }));
}
