// gantryctl: what users and operators do from a shell.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <string>

#include "client/admin.hpp"
#include "client/consumer.hpp"
#include "client/producer.hpp"

namespace {

using namespace gantry;

int complain(const Failure& why) {
  fmt::print(stderr, "gantryctl: {}\n", why.text);
  return 1;
}

struct SendOptions {
  client::Message message;
  std::string group = "gantryctl_producer";
  uint32_t count = 1;
};

struct ConsumeOptions {
  std::string topic;
  std::string group = "gantryctl_consumer";
  uint32_t count = 0;  // 0: until interrupted or idle
  uint32_t wait_s = 10;
  bool from_last = false;
};

int create_topic(client::Cluster& cluster, const client::TopicOptions& topic) {
  client::Admin admin(cluster);
  const auto told = admin.create_topic(topic);
  if (!told) return complain(told.error());
  for (const std::string& broker : *told) {
    fmt::print("topic {} on {}: {} queues to write, {} to read\n", topic.name, broker,
               topic.write_queues, topic.read_queues);
  }
  return 0;
}

int send(client::Cluster& cluster, const SendOptions& options) {
  client::Producer producer(cluster, options.group);
  for (uint32_t i = 0; i < options.count; ++i) {
    client::Message message = options.message;
    if (options.count > 1) message.body += fmt::format(" {}", i + 1);
    const auto sent = producer.send(message);
    if (!sent) return complain(sent.error());
    fmt::print("sent {} to {} queue {} offset {}\n", sent->message_id, sent->queue.broker,
               sent->queue.id, sent->queue_offset);
  }
  return 0;
}

int consume(client::Cluster& cluster, const ConsumeOptions& options) {
  using client::Consumer;
  Consumer consumer(cluster, options.group, options.topic,
                    options.from_last ? Consumer::From::last : Consumer::From::first);
  if (Outcome<void> started = consumer.start(); !started) return complain(started.error());
  uint32_t received = 0;
  while (options.count == 0 || received < options.count) {
    const auto messages = consumer.poll(std::chrono::seconds(options.wait_s));
    if (!messages) return complain(messages.error());
    if (messages->empty()) break;
    for (const client::Received& message : *messages) {
      fmt::print("{} queue {} offset {}{}{}: {}\n", message.queue.broker, message.queue.id,
                 message.queue_offset, message.tags.empty() ? "" : " tags ", message.tags,
                 message.body);
    }
    std::fflush(stdout);
    received += static_cast<uint32_t>(messages->size());
    if (Outcome<void> committed = consumer.commit(); !committed) return complain(committed.error());
  }
  if (options.count > 0 && received < options.count) {
    return complain(fail(fmt::format("{} of {} messages came within {} s", received, options.count,
                                     options.wait_s)));
  }
  return 0;
}

int show_cluster(client::Cluster& cluster) {
  const auto info = cluster.info();
  if (!info) return complain(info.error());
  fmt::print("{:<24} {:<24} {:<4} {}\n", "cluster", "broker", "id", "address");
  for (const auto& [name, broker] : info->brokers) {
    for (const auto& [id, address] : broker.addresses) {
      fmt::print("{:<24} {:<24} {:<4} {}\n", broker.cluster, name, id, address);
    }
  }
  return 0;
}

void add_send(CLI::App& app, SendOptions& options) {
  app.add_option("--topic", options.message.topic, "topic")->required();
  app.add_option("--body", options.message.body, "body; numbered when --count is above 1")
      ->required();
  app.add_option("--tags", options.message.tags, "tag to filter by");
  app.add_option("--keys", options.message.keys, "keys to find it by, blank-separated");
  app.add_option("--group", options.group, "producer group");
  app.add_option("--count", options.count, "how many")->check(CLI::PositiveNumber);
}

void add_consume(CLI::App& app, ConsumeOptions& options) {
  app.add_option("--topic", options.topic, "topic")->required();
  app.add_option("--group", options.group, "consumer group, which remembers where it was");
  app.add_option("--count", options.count, "end after so many; without it, after --wait without any");
  app.add_option("--wait", options.wait_s, "seconds to wait for a message")
      ->check(CLI::Range(0u, 86'400u));
  app.add_flag("--from-last", options.from_last, "a new group starts behind what is there");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantryctl, the tool for users and operators of Gantry"};
  app.require_subcommand(1);
  std::string nameservers = "127.0.0.1:9876";
  app.add_option("-n,--nameserver", nameservers, "\"host:port\", several with ;")
      ->envname("NAMESRV_ADDR");

  CLI::App* topic_command = app.add_subcommand("topic", "topics");
  topic_command->require_subcommand(1);
  client::TopicOptions topic;
  CLI::App* create_command = topic_command->add_subcommand("create", "create or change a topic");
  create_command->add_option("--topic", topic.name, "name")->required();
  int32_t queues = 8;
  create_command->add_option("--queues", queues, "queues per broker")->check(CLI::Range(1, 65'536));

  SendOptions send_options;
  CLI::App* send_command = app.add_subcommand("send", "send messages");
  add_send(*send_command, send_options);

  ConsumeOptions consume_options;
  CLI::App* consume_command = app.add_subcommand("consume", "read and print messages of all queues");
  add_consume(*consume_command, consume_options);

  CLI::App* cluster_command = app.add_subcommand("cluster", "brokers the nameserver knows");

  CLI11_PARSE(app, argc, argv);
  client::Cluster cluster(nameservers);
  if (create_command->parsed()) {
    topic.read_queues = topic.write_queues = queues;
    return create_topic(cluster, topic);
  }
  if (send_command->parsed()) return send(cluster, send_options);
  if (consume_command->parsed()) return consume(cluster, consume_options);
  if (cluster_command->parsed()) return show_cluster(cluster);
  return 1;
}
