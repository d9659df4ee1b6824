// gantryctl send
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "client/producer.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

struct Options {
  client::Message message;
  std::string group = "gantryctl_producer";
  uint32_t count = 1;
  std::vector<std::string> properties;
  std::string order_key;
  client::Destination::Exact queue{{}, -1};
  std::string compression;
  bool oneway = false;
  bool batch = false;
};

std::string_view status_text(client::Stored status) {
  switch (status) {
    case client::Stored::flush_disk_timeout: return "FLUSH_DISK_TIMEOUT";
    case client::Stored::flush_slave_timeout: return "FLUSH_SLAVE_TIMEOUT";
    case client::Stored::slave_not_available: return "SLAVE_NOT_AVAILABLE";
    default: return "SEND_OK";
  }
}

void show(const Context& context, const client::Sent& sent) {
  if (context.json) {
    print_json(bj::object{{"messageId", sent.message_id},
                          {"offsetId", sent.offset_id},
                          {"broker", sent.queue.broker},
                          {"queue", sent.queue.id},
                          {"offset", sent.queue_offset},
                          {"status", status_text(sent.status)}});
    return;
  }
  fmt::print("sent {} to {} queue {} offset {}\n", sent.message_id, sent.queue.broker,
             sent.queue.id, sent.queue_offset);
  if (sent.status != client::Stored::stored) {
    fmt::print("  stored, but {}\n", status_text(sent.status));
  }
}

Outcome<client::Message> message_of(const Options& options) {
  client::Message message = options.message;
  if (message.body == "-") {
    message.body.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  for (const std::string& property : options.properties) {
    const size_t equals = property.find('=');
    if (equals == std::string::npos) {
      return fail(fmt::format("property \"{}\" is not name=value", property));
    }
    message.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
  }
  return message;
}

client::ProducerOptions producer_of(const Options& options) {
  client::ProducerOptions producer;
  producer.group = options.group;
  if (options.compression == "zlib") producer.compression = client::Compression::zlib;
  if (options.compression == "lz4") producer.compression = client::Compression::lz4;
  if (options.compression == "zstd") producer.compression = client::Compression::zstd;
  return producer;
}

client::Destination destination_of(const Options& options) {
  client::Destination to;
  if (!options.order_key.empty()) to = client::Destination::by_key(options.order_key);
  if (options.queue.id >= 0) to.exact = options.queue;
  return to;
}

int send(Context& context, const Options& options) {
  if (options.queue.id >= 0 && options.queue.broker.empty()) {
    return complain(fail("--queue needs --broker: `gantryctl cluster` shows their names"));
  }
  const auto message = message_of(options);
  if (!message) return complain(message.error());
  client::Producer producer(context.cluster, producer_of(options));
  const client::Destination to = destination_of(options);
  std::vector<client::Message> messages(options.count, *message);
  for (uint32_t i = 0; options.count > 1 && i < options.count; ++i) {
    messages[i].body += fmt::format(" {}", i + 1);
  }
  if (options.batch) {
    const auto sent = producer.send_batch(messages, to);
    if (!sent) return complain(sent.error());
    show(context, *sent);
    return 0;
  }
  for (const client::Message& one : messages) {
    if (options.oneway) {
      if (const auto told = producer.send_oneway(one, to); !told) return complain(told.error());
      continue;
    }
    const auto sent = producer.send(one, to);
    if (!sent) return complain(sent.error());
    show(context, *sent);
  }
  return 0;
}

}  // namespace

void add_send(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("send", "send messages");
  const auto options = std::make_shared<Options>();
  command->add_option("-t,--topic", options->message.topic, "topic")->required();
  command->add_option("-p,--body", options->message.body,
                      "body, \"-\" for standard input; numbered when --count is above 1")
      ->required();
  command->add_option("--tags", options->message.tags, "tag to filter by");
  command->add_option("-k,--keys", options->message.keys, "keys to find it by, blank-separated");
  command->add_option("--property", options->properties, "name=value, as often as wanted");
  command->add_option("--delay-level", options->message.delay_level, "1 (1 s) to 18 (2 h)")
      ->check(CLI::Range(0, 18));
  command->add_option("-g,--group", options->group, "producer group");
  command->add_option("--count", options->count, "how many")->check(CLI::PositiveNumber);
  command->add_option("--order-key", options->order_key, "messages of one key go to one queue");
  command->add_option("-b,--broker", options->queue.broker, "broker's name, with --queue");
  command->add_option("-q,-i,--queue", options->queue.id, "this queue or none")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--compress", options->compression, "bodies above 4 KiB")
      ->check(CLI::IsMember({"zlib", "lz4", "zstd"}));
  CLI::Option* oneway = command->add_flag("--oneway", options->oneway, "nobody says it arrived");
  command->add_flag("--batch", options->batch, "all --count messages as one")->excludes(oneway);
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return send(context, *options); };
  });
}

}  // namespace gantry::ctl
