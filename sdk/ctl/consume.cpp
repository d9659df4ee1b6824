// gantryctl consume: a member of its group like any other, which joins, shares and leaves.
#include <fmt/format.h>

#include <csignal>
#include <memory>

#include "client/pull_consumer.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {
namespace {

struct Options {
  std::string topic;
  std::string group = "gantryctl_consumer";
  std::string expression = "*";
  std::string type = "TAG";
  uint32_t count = 0;  // 0: until interrupted or idle
  uint32_t wait_s = 10;
  bool from_last = false;
};

// Leaves the group before it ends, so that others have its queues at once.
volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

void show(const Context& context, const client::Received& message) {
  if (context.json) {
    print_json(json_of(message));
  } else {
    fmt::print("{} queue {} offset {}{}{}: {}\n", message.queue.broker, message.queue.id,
               message.queue_offset, message.tags.empty() ? "" : " tags ", message.tags,
               message.body);
  }
}

// Messages until `wait_s` without any, in pieces so short that an interrupt is heard.
Outcome<std::vector<client::Received>> next(client::PullConsumer& consumer, uint32_t wait_s,
                                            size_t messages_max) {
  constexpr client::milliseconds piece{200};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(wait_s);
  for (;;) {
    auto messages = consumer.poll(piece, messages_max);
    const bool late = std::chrono::steady_clock::now() >= deadline;
    if (!messages || !messages->empty() || late || interrupted != 0) return messages;
  }
}

int consume(Context& context, const Options& options) {
  constexpr size_t batch_max = 32;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  client::ConsumerOptions settings;
  settings.group = options.group;
  settings.from = options.from_last ? client::From::last : client::From::first;
  client::PullConsumer consumer(context.cluster, settings);
  const auto joined = consumer.subscribe(options.topic, options.expression, options.type);
  if (!joined) return complain(joined.error());
  uint32_t received = 0;
  while (interrupted == 0 && (options.count == 0 || received < options.count)) {
    const size_t wanted = options.count == 0 ? batch_max
                                             : std::min<size_t>(batch_max,
                                                                options.count - received);
    const auto messages = next(consumer, options.wait_s, wanted);
    if (!messages) return complain(messages.error());
    if (messages->empty()) break;
    for (const client::Received& message : *messages) show(context, message);
    std::fflush(stdout);
    received += static_cast<uint32_t>(messages->size());
    if (const auto committed = consumer.commit(); !committed) return complain(committed.error());
  }
  if (interrupted == 0 && options.count > 0 && received < options.count) {
    return complain(fail(fmt::format("{} of {} messages came within {} s", received, options.count,
                                     options.wait_s)));
  }
  return 0;
}

}  // namespace

void add_consume(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("consume", "join a group, print what it gets, and commit that");
  const auto options = std::make_shared<Options>();
  command->add_option("-t,--topic", options->topic, "topic")->required();
  command->add_option("-g,--group", options->group, "consumer group, which remembers where it was");
  command->add_option("-s,--subscription", options->expression,
                      "\"*\", tags \"a || b\", or what --type says");
  command->add_option("--type", options->type,
                      "of the subscription: TAG, SQL92, or what else a filter of the brokers serves");
  command->add_option("-c,--count", options->count,
                      "end after so many; without it, after --wait without any");
  command->add_option("--wait", options->wait_s, "seconds to wait for a message")
      ->check(CLI::Range(0u, 86'400u));
  command->add_flag("--from-last", options->from_last, "a new group starts behind what is there");
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return consume(context, *options); };
  });
}

}  // namespace gantry::ctl
