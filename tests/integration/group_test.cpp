// Groups of consumers on a whole node: shares, order, members that vanish.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <future>
#include <map>
#include <optional>
#include <set>

#include "client/admin.hpp"
#include "client/producer.hpp"
#include "client/push_consumer.hpp"
#include "folder.hpp"
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

constexpr client::milliseconds owned_again_max{2000};

// How often members have computed their share of a topic, all of them together.
std::atomic<int> shares_computed{0};

std::vector<MessageQueue> counted_average(std::span<const MessageQueue> all,
                                          std::span<const std::string> members,
                                          const std::string& member) {
  ++shares_computed;
  return client::allocate_average(all, members, member);
}

// What the members of a group got, and who got it.
class Ledger {
 public:
  // Called with the first message of a listener's; says what is wrong about its turn, if it began
  // beside another one of its queue, or before the message before it was done.
  void begin(const client::Received& message) {
    const std::lock_guard lock(mutex_);
    if (!open_.insert(message.queue.id).second) {
      wrong_ += fmt::format("queue {}: two listeners at once\n", message.queue.id);
    }
    const auto last = done_.find(message.queue.id);
    if (message.queue_offset > (last == done_.end() ? 0 : last->second + 1)) {
      wrong_ += fmt::format("queue {}: {} began too early\n", message.queue.id,
                            message.queue_offset);
    }
  }
  void add(int member, std::span<const client::Received> messages) {
    const std::lock_guard lock(mutex_);
    for (const client::Received& message : messages) {
      ++times_[message.body];
      queues_[message.body] = message.queue.id;
      open_.erase(message.queue.id);
      int64_t& done = done_[message.queue.id];
      done = std::max(done, message.queue_offset);
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
  std::map<std::string, int32_t> queues() const {
    const std::lock_guard lock(mutex_);
    return queues_;
  }
  std::string wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }
  std::map<int32_t, std::set<int>> members() const {
    const std::lock_guard lock(mutex_);
    return members_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> times_;
  std::map<std::string, int32_t> queues_;
  std::set<int32_t> open_;           // queues that a listener is in
  std::map<int32_t, int64_t> done_;  // offsets
  std::string wrong_;
  std::map<int32_t, std::vector<int64_t>> offsets_;
  std::map<int32_t, std::set<int>> members_;
};

// A member of group "sharers" with a client of its own. Unless told otherwise it looks for others so
// rarely that only the broker's notices bring it to share.
class Sharer {
 public:
  Sharer(const std::string& nameserver, int number, Ledger& ledger, bool orderly,
         client::milliseconds rebalance_interval = client::milliseconds(3'600'000))
      : cluster_(nameserver), consumer_(cluster_, options(rebalance_interval)) {
    if (orderly) {
      consumer_.on_messages_in_order([&ledger, number](auto messages) {
        ledger.begin(messages.front());
        std::this_thread::yield();  // so that others may come between
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
  static client::PushConsumerOptions options(client::milliseconds rebalance_interval) {
    client::PushConsumerOptions out;
    out.group = "sharers";
    out.from = client::From::first;
    out.threads = 2;
    out.commit_interval = client::milliseconds(100);
    out.rebalance_interval = rebalance_interval;
    out.allocate = counted_average;
    return out;
  }
  client::Cluster cluster_;
  client::PushConsumer consumer_;
};

// Until each of so many has computed its shares anew, of the topic and of what is retried.
bool another_round(int members) {
  const int before = shares_computed;
  return soon([&] { return shares_computed >= before + 2 * 2 * members; });
}

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
  explicit Process(const std::string& nameserver, const std::string& output = "/dev/null") {
    std::string program = std::string(GANTRY_BINARY_DIR) + "/bin/gantryctl";
    std::string words[] = {program, "-n",      nameserver, "consume", "--topic", topic,
                           "--group", "sharers", "--wait",   "3600"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_WRONLY | O_CREAT, 0600);
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
    constexpr client::milliseconds often{200};
    Sharer one(node.nameserver(), 1, ledger, orderly, often);
    Sharer other(node.nameserver(), 2, ledger, orderly, often);
    REQUIRE(one.start() == "");
    REQUIRE(other.start() == "");
    REQUIRE(soon([&] { return halves(one, other); }));
    const auto before = one.assignment();
    REQUIRE(another_round(2));
    REQUIRE(one.assignment() == before);
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

namespace {

// What `gantryctl consume` printed: body → queue, once for each time.
std::multimap<std::string, int32_t> printed(const std::filesystem::path& file) {
  std::multimap<std::string, int32_t> out;
  std::ifstream in(file);
  std::string broker, word, number, offset, value, body;
  while (in >> broker >> word >> number >> offset >> value >> body) {
    out.emplace(body, std::stoi(number));
  }
  return out;
}

std::set<int32_t> numbers(const std::vector<MessageQueue>& queues_owned) {
  std::set<int32_t> out;
  for (const MessageQueue& queue : queues_owned) out.insert(queue.queue_id);
  return out;
}

}  // namespace

TEST_CASE("when one of three is killed, its queues are others' at once, and only they repeat") {
  constexpr int count = 3000;
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  client::Cluster cluster(node.nameserver());
  create_topic(cluster);
  const Folder folder;
  Ledger ledger;
  Sharer one(node.nameserver(), 1, ledger, false);
  Sharer other(node.nameserver(), 2, ledger, false);
  REQUIRE(one.start() == "");
  REQUIRE(other.start() == "");
  Process killed(node.nameserver(), (folder.path() / "printed").string());
  const auto owned = [&] { return one.assignment().size() + other.assignment().size(); };
  REQUIRE(soon([&] { return one.assignment().size() < 4 && other.assignment().size() < 4; }));
  const std::set<int32_t> of_one = numbers(one.assignment());
  const std::set<int32_t> of_other = numbers(other.assignment());
  REQUIRE(of_one.size() + of_other.size() <= 6);

  auto sending = std::async(std::launch::async, [&] { send(cluster, 0, count); });
  REQUIRE(ledger.wait_for(count / 4));
  REQUIRE(soon([&] { return !printed(folder.path() / "printed").empty(); }));
  killed.end(SIGKILL);
  const auto gone = std::chrono::steady_clock::now();
  REQUIRE(soon([&] { return owned() == queues; }));
  CHECK(std::chrono::steady_clock::now() - gone < owned_again_max);
  sending.wait();

  const auto of_killed = printed(folder.path() / "printed");
  const auto missing = [&] {
    std::set<std::string> all;
    for (const auto& [body, times] : ledger.times()) all.insert(body);
    for (const auto& [body, queue] : of_killed) all.insert(body);
    return count - static_cast<int>(all.size());
  };
  CHECK(soon([&] { return missing() == 0; }));
  CHECK(halves(one, other));
  std::set<int32_t> stayed;
  for (const auto& [before, member] : {std::pair(&of_one, &one), std::pair(&of_other, &other)}) {
    for (const int32_t queue : numbers(member->assignment())) {
      if (before->contains(queue)) stayed.insert(queue);
    }
  }
  const auto queue_of = ledger.queues();
  for (const auto& [body, times] : ledger.times()) {
    INFO("body " << body << ", queue " << queue_of.at(body));
    if (times + static_cast<int>(of_killed.count(body)) > 1) {
      CHECK_FALSE(stayed.contains(queue_of.at(body)));
    }
  }
}

TEST_CASE("an orderly group sees no message before the one before it is done, whoever comes or goes") {
  constexpr int count = 4000;
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  client::Cluster cluster(node.nameserver());
  create_topic(cluster);
  Ledger ledger;
  Sharer stays(node.nameserver(), 1, ledger, true);
  REQUIRE(stays.start() == "");
  auto sending = std::async(std::launch::async, [&] {
    for (int i = 0; i < count; i += 50) send(cluster, i, i + 50);
  });
  for (int member = 2; member < 5; ++member) {
    Sharer comes(node.nameserver(), member, ledger, true);
    REQUIRE(comes.start() == "");
    REQUIRE(soon([&] { return halves(stays, comes); }));
  }
  sending.wait();
  CHECK(ledger.wait_for(count));
  CHECK(ledger.wrong() == "");
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
