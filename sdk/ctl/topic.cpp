// gantryctl topic ...
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "client/admin.hpp"
#include "client/words.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

struct Options {
  client::TopicOptions topic;
  std::string cluster;
  std::optional<int32_t> queues;
  std::optional<int32_t> read_queues;
  std::optional<int32_t> write_queues;
  std::optional<int32_t> perm;
  bool all = false;
};

int created(const Context& context, const client::TopicOptions& topic,
            const Outcome<std::vector<client::Master>>& told) {
  if (!told) return complain(told.error());
  if (context.json) {
    print_json(bj::object{{"topic", topic.name},
                          {"writeQueues", topic.write_queues},
                          {"readQueues", topic.read_queues},
                          {"perm", topic.perm},
                          {"brokers", json_of(*told)}});
    return 0;
  }
  for (const client::Master& master : *told) {
    fmt::print("topic {} on {} ({}): {} queues to write, {} to read\n", topic.name, master.broker,
               master.address, topic.write_queues, topic.read_queues);
  }
  return 0;
}

void apply(const Options& options, client::TopicOptions& topic) {
  if (options.queues) topic.read_queues = topic.write_queues = *options.queues;
  if (options.read_queues) topic.read_queues = *options.read_queues;
  if (options.write_queues) topic.write_queues = *options.write_queues;
  if (options.perm) topic.perm = *options.perm;
}

int create(Context& context, const Options& options) {
  client::TopicOptions topic = options.topic;
  apply(options, topic);
  client::Admin admin(context.cluster);
  return created(context, topic, admin.create_topic(topic, options.cluster));
}

Failure unknown(const std::string& topic) {
  return fail(fmt::format("topic {} is not there: `gantryctl topic list` shows those that are, "
                          "`gantryctl topic create --topic {}` makes it",
                          topic, topic));
}

// What isn't said stays as it is.
int update(Context& context, const Options& options) {
  const auto route = context.cluster.route(options.topic.name);
  if (!route) return complain(route.error());
  if (route->queues.empty()) return complain(unknown(options.topic.name));
  client::TopicOptions topic = options.topic;
  topic.read_queues = route->queues.front().read_queues;
  topic.write_queues = route->queues.front().write_queues;
  topic.perm = route->queues.front().perm;
  apply(options, topic);
  client::Admin admin(context.cluster);
  return created(context, topic, admin.create_topic(topic, options.cluster));
}

int remove(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  const auto told = admin.delete_topic(options.topic.name);
  if (!told) return complain(told.error());
  if (context.json) {
    print_json(bj::object{{"topic", options.topic.name}, {"brokers", json_of(*told)}});
    return 0;
  }
  for (const client::Master& master : *told) {
    fmt::print("topic {} deleted from {} ({})\n", options.topic.name, master.broker,
               master.address);
  }
  return 0;
}

int list(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  auto topics = admin.topics();
  if (!topics) return complain(topics.error());
  if (!options.all) {
    std::erase_if(*topics, client::is_internal_topic);
  }
  if (context.json) {
    bj::array names;
    for (const std::string& name : *topics) names.emplace_back(name);
    print_json(bj::object{{"topics", std::move(names)}});
    return 0;
  }
  for (const std::string& name : *topics) fmt::print("{}\n", name);
  return 0;
}

int describe(Context& context, const Options& options) {
  const std::string& name = options.topic.name;
  const auto route = context.cluster.route(name);
  if (!route) return complain(route.error());
  if (route->queues.empty()) return complain(unknown(name));
  client::Admin admin(context.cluster);
  const auto stats = admin.topic_stats(name);
  if (!stats) return complain(stats.error());
  const auto groups = admin.groups_of_topic(name);
  if (!groups) return complain(groups.error());
  bj::array brokers;
  Table broker_table({"broker", "write queues", "read queues", "permission"});
  for (const protocol::QueueData& queues : route->queues) {
    brokers.push_back(bj::object{{"broker", queues.broker_name},
                                 {"writeQueues", queues.write_queues},
                                 {"readQueues", queues.read_queues},
                                 {"perm", queues.perm}});
    broker_table.add({queues.broker_name, fmt::format("{}", queues.write_queues),
                      fmt::format("{}", queues.read_queues), client::perm_text(queues.perm)});
  }
  bj::array queues;
  Table queue_table({"broker", "queue", "begin", "end", "last stored"});
  for (const auto& [queue, bounds] : stats->queues) {
    queues.push_back(bj::object{{"broker", queue.broker_name},
                                {"queue", queue.queue_id},
                                {"min", bounds.min_offset},
                                {"max", bounds.max_offset},
                                {"storedAt", bounds.last_stored_ms}});
    queue_table.add({queue.broker_name, fmt::format("{}", queue.queue_id),
                     fmt::format("{}", bounds.min_offset), fmt::format("{}", bounds.max_offset),
                     time_text(bounds.last_stored_ms)});
  }
  if (context.json) {
    bj::array names;
    for (const std::string& group : *groups) names.emplace_back(group);
    print_json(bj::object{{"topic", name},
                          {"brokers", std::move(brokers)},
                          {"queues", std::move(queues)},
                          {"groups", std::move(names)}});
    return 0;
  }
  broker_table.print();
  fmt::print("\n");
  queue_table.print();
  for (const std::string& group : *groups) fmt::print("\ngroup {}", group);
  if (!groups->empty()) fmt::print("\n");
  return 0;
}

void add_shape(CLI::App& app, Options& options) {
  app.add_option("-t,--topic", options.topic.name, "name")->required();
  app.add_option("--queues", options.queues, "queues per broker")->check(CLI::Range(1, 65'536));
  app.add_option("-r,--read-queues", options.read_queues, "queues to read, per broker")
      ->check(CLI::Range(0, 65'536));
  app.add_option("-w,--write-queues", options.write_queues, "queues to write, per broker")
      ->check(CLI::Range(0, 65'536));
  app.add_option("-p,--perm", options.perm, "2 write, 4 read, 6 both")->check(CLI::Range(0, 15));
  app.add_option("-c,--cluster", options.cluster, "only on this cluster's brokers");
  app.add_option("-a,--attributes", options.topic.attributes, "\"+name=value,-name\"");
  app.add_flag("-o,--order", options.topic.order, "an order topic");
}

}  // namespace

void add_topic(CLI::App& app, Command& chosen) {
  CLI::App* topic = app.add_subcommand("topic", "topics");
  topic->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto action = [&chosen, options](int (*run)(Context&, const Options&)) {
    return [&chosen, options, run] {
      chosen = [options, run](Context& context) { return run(context, *options); };
    };
  };
  CLI::App* made = topic->add_subcommand("create", "create or change a topic");
  add_shape(*made, *options);
  made->callback(action(create));
  CLI::App* changed = topic->add_subcommand("update", "change a topic; what isn't said stays");
  add_shape(*changed, *options);
  changed->callback(action(update));
  CLI::App* gone = topic->add_subcommand("delete", "delete a topic with its messages");
  gone->add_option("-t,--topic", options->topic.name, "name")->required();
  gone->callback(action(remove));
  CLI::App* listed = topic->add_subcommand("list", "topics the nameserver knows");
  listed->add_flag("--all", options->all, "also the system's, and those of retries");
  listed->callback(action(list));
  CLI::App* described = topic->add_subcommand("describe", "its brokers, queues and groups");
  described->add_option("-t,--topic", options->topic.name, "name")->required();
  described->callback(action(describe));
}

}  // namespace gantry::ctl
