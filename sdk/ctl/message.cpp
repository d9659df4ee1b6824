// gantryctl message ...
#include <fmt/format.h>

#include <memory>

#include "client/admin.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {
namespace {

struct Options {
  std::string id;
  client::MessageQueue queue{{}, {}, -1};
  int64_t offset = -1;
  client::MessageQuery query;
  std::string unique_key;
};

void show(const Context& context, const client::Received& message) {
  if (context.json) {
    print_json(json_of(message));
  } else {
    print_message(message);
  }
}

int get(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  if (options.id.empty() &&
      (options.queue.topic.empty() || options.queue.queue_id < 0 || options.offset < 0)) {
    return complain(fail("say which: --id, or --topic, --queue and --offset"));
  }
  const auto message = options.id.empty() ? admin.message_at(options.queue, options.offset)
                                          : admin.message_by_offset_id(options.id);
  if (!message) return complain(message.error());
  show(context, *message);
  return 0;
}

int query(Context& context, const Options& options) {
  client::MessageQuery wanted = options.query;
  wanted.unique = !options.unique_key.empty();
  if (wanted.unique) wanted.key = options.unique_key;
  client::Admin admin(context.cluster);
  const auto messages = admin.query(wanted);
  if (!messages) return complain(messages.error());
  if (messages->empty()) {
    return complain(fail(fmt::format("no message of topic {} has the {} {}", wanted.topic,
                                     wanted.unique ? "unique key" : "key", wanted.key)));
  }
  for (const client::Received& message : *messages) {
    if (&message != &messages->front() && !context.json) fmt::print("\n");
    show(context, message);
  }
  return 0;
}

}  // namespace

void add_message(CLI::App& app, Command& chosen) {
  CLI::App* message = app.add_subcommand("message", "messages that are stored");
  message->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto action = [&chosen, options](int (*run)(Context&, const Options&)) {
    return [&chosen, options, run] {
      chosen = [options, run](Context& context) { return run(context, *options); };
    };
  };
  CLI::App* one = message->add_subcommand("get", "one message, by its offset id or its place");
  one->add_option("-i,--id", options->id, "offset id, as send prints it with --json");
  one->add_option("-t,--topic", options->queue.topic, "topic");
  one->add_option("-b,--broker", options->queue.broker_name, "broker's name; else any");
  one->add_option("-q,--queue", options->queue.queue_id, "queue")->check(CLI::NonNegativeNumber);
  one->add_option("-o,--offset", options->offset, "offset in the queue")
      ->check(CLI::NonNegativeNumber);
  one->callback(action(get));
  CLI::App* found = message->add_subcommand("query", "messages that have a key");
  found->add_option("-t,--topic", options->query.topic, "topic")->required();
  CLI::Option_group* key = found->add_option_group("which", "one of");
  key->add_option("-k,--key", options->query.key, "one of the message's keys");
  key->add_option("-u,--unique-key", options->unique_key, "message id, as send prints it");
  key->require_option(1);
  found->add_option("--max", options->query.messages_max, "of each broker")
      ->check(CLI::Range(1, 1000));
  found->add_option("--begin", options->query.begin_ms, "stored then or later, ms since 1970");
  found->add_option("--end", options->query.end_ms, "stored then or before, ms since 1970");
  found->callback(action(query));
}

}  // namespace gantry::ctl
