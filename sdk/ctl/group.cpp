// gantryctl group ...
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "client/admin.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

struct Options {
  protocol::SubscriptionGroupConfig group;
  bool disabled = false;
  bool no_broadcast = false;
  bool keep_offsets = false;
};

Failure unknown(const std::string& group) {
  return fail(fmt::format("group {} is not there: `gantryctl group list` shows those that are, "
                          "`gantryctl group create --group {}` makes it",
                          group, group));
}

int list(Context& context, const Options&) {
  client::Admin admin(context.cluster);
  const auto groups = admin.groups();
  if (!groups) return complain(groups.error());
  bj::array rows;
  Table table({"group", "consumes", "tries", "retry queues", "broadcast"});
  for (const auto& [name, group] : *groups) {
    rows.push_back(bj::object{{"group", name},
                              {"consumeEnabled", group.consume_enabled},
                              {"triesMax", group.retries_max},
                              {"retryQueues", group.retry_queues},
                              {"broadcastEnabled", group.consume_broadcast_enabled}});
    table.add({name, group.consume_enabled ? "yes" : "no", fmt::format("{}", group.retries_max),
               fmt::format("{}", group.retry_queues),
               group.consume_broadcast_enabled ? "yes" : "no"});
  }
  if (context.json) {
    print_json(bj::object{{"groups", std::move(rows)}});
  } else {
    table.print();
  }
  return 0;
}

int told(const Context& context, const std::string& group, std::string_view what,
         const Outcome<std::vector<client::Master>>& masters) {
  if (!masters) return complain(masters.error());
  if (context.json) {
    print_json(bj::object{{"group", group}, {"brokers", json_of(*masters)}});
    return 0;
  }
  for (const client::Master& master : *masters) {
    fmt::print("group {} {} {} ({})\n", group, what, master.broker, master.address);
  }
  return 0;
}

int create(Context& context, const Options& options) {
  protocol::SubscriptionGroupConfig group = options.group;
  group.consume_enabled = !options.disabled;
  group.consume_broadcast_enabled = !options.no_broadcast;
  client::Admin admin(context.cluster);
  return told(context, group.name, "on", admin.create_group(group));
}

int remove(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  const std::string& name = options.group.name;
  const auto groups = admin.groups();
  if (!groups) return complain(groups.error());
  if (!groups->contains(name)) return complain(unknown(name));
  return told(context, name, "deleted from", admin.delete_group(name, !options.keep_offsets));
}

bj::array members_json(const client::GroupMembers& group) {
  bj::array out;
  for (const protocol::ClientConnection& member : group.members) {
    out.push_back(bj::object{{"clientId", member.client_id},
                             {"address", member.address},
                             {"language", member.language},
                             {"version", member.version}});
  }
  return out;
}

bj::array subscriptions_json(const client::GroupMembers& group) {
  bj::array out;
  for (const auto& [topic, subscription] : group.subscriptions) {
    out.push_back(bj::object{{"topic", topic},
                             {"expression", subscription.expression},
                             {"type", subscription.expression_type}});
  }
  return out;
}

void print_members(const client::GroupMembers& group) {
  if (group.members.empty()) {
    fmt::print("nobody of the group is online\n");
    return;
  }
  fmt::print("{}, {}\n\n", protocol::message_model_name(group.model),
             protocol::consume_type_name(group.type));
  Table table({"member", "address", "language", "version"});
  for (const protocol::ClientConnection& member : group.members) {
    table.add({member.client_id, member.address, member.language,
               fmt::format("{}", member.version)});
  }
  table.print();
  for (const auto& [topic, subscription] : group.subscriptions) {
    fmt::print("subscribed to {}: {}\n", topic, subscription.expression);
  }
}

bj::array unknown_json(const client::Agreement& agreement) {
  bj::array out;
  for (const auto& [client, why] : agreement.unknown) {
    out.push_back(bj::object{{"clientId", client}, {"reason", why}});
  }
  return out;
}

void print_agreement(const client::GroupMembers& group, const client::Agreement& agreement) {
  if (!agreement.difference.empty()) {
    fmt::print("WARNING: the members subscribe differently, so each of them may miss messages: {}\n",
               agreement.difference);
  } else if (group.members.size() > 1 && agreement.unknown.empty()) {
    fmt::print("all members subscribe alike\n");
  }
  for (const auto& [client, why] : agreement.unknown) {
    fmt::print("unknown what {} subscribes to: {}\n", client, why);
  }
}

int describe(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  const std::string& name = options.group.name;
  const auto groups = admin.groups();
  if (!groups) return complain(groups.error());
  if (!groups->contains(name)) return complain(unknown(name));
  const auto members = admin.group_members(name);
  if (!members) return complain(members.error());
  const client::Agreement agreement = admin.agreement(name, *members);
  const auto stats = admin.consume_stats(name);
  if (!stats) return complain(stats.error());
  int64_t behind = 0;
  bj::array queues;
  Table table({"topic", "broker", "queue", "consumed", "end", "behind", "last consumed"});
  for (const auto& [queue, at] : stats->queues) {
    behind += at.broker - at.consumed;
    queues.push_back(bj::object{{"topic", queue.topic},
                                {"broker", queue.broker_name},
                                {"queue", queue.queue_id},
                                {"consumed", at.consumed},
                                {"end", at.broker},
                                {"behind", at.broker - at.consumed},
                                {"storedAt", at.last_stored_ms}});
    table.add({queue.topic, queue.broker_name, fmt::format("{}", queue.queue_id),
               fmt::format("{}", at.consumed), fmt::format("{}", at.broker),
               fmt::format("{}", at.broker - at.consumed), time_text(at.last_stored_ms)});
  }
  if (context.json) {
    print_json(bj::object{{"group", name},
                          {"model", protocol::message_model_name(members->model)},
                          {"type", protocol::consume_type_name(members->type)},
                          {"members", members_json(*members)},
                          {"subscriptions", subscriptions_json(*members)},
                          {"subscriptionsDiffer", !agreement.difference.empty()},
                          {"subscriptionDifference", agreement.difference},
                          {"subscriptionsUnknown", unknown_json(agreement)},
                          {"queues", std::move(queues)},
                          {"behind", behind}});
    return 0;
  }
  print_members(*members);
  print_agreement(*members, agreement);
  fmt::print("\n");
  table.print();
  fmt::print("\nbehind by {} messages\n", behind);
  return 0;
}

}  // namespace

void add_group(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("group", "consumer groups and how far they are");
  group->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto action = [&chosen, options](int (*run)(Context&, const Options&)) {
    return [&chosen, options, run] {
      chosen = [options, run](Context& context) { return run(context, *options); };
    };
  };
  const auto named = [&](CLI::App* command) {
    command->add_option("-g,--group", options->group.name, "name")->required();
    return command;
  };
  group->add_subcommand("list", "groups the brokers know")->callback(action(list));
  named(group->add_subcommand("describe", "its members, and how far they are"))
      ->callback(action(describe));
  CLI::App* made = named(group->add_subcommand("create", "create or change a group"));
  made->add_option("-r,--tries-max", options->group.retries_max,
                   "then a message goes to %DLQ%group")
      ->check(CLI::Range(0, 1'000'000));
  made->add_option("-q,--retry-queues", options->group.retry_queues, "of %RETRY%group")
      ->check(CLI::Range(0, 65'536));
  made->add_flag("--disabled", options->disabled, "nobody may consume");
  made->add_flag("--no-broadcast", options->no_broadcast, "refuse broadcasting members");
  made->add_flag("--orderly", options->group.consume_orderly, "its members consume in order");
  made->callback(action(create));
  CLI::App* gone = named(group->add_subcommand("delete", "delete a group and its offsets"));
  gone->add_flag("--keep-offsets", options->keep_offsets, "it may go on there when it comes back");
  gone->callback(action(remove));
  add_offsets(*group, chosen);
}

}  // namespace gantry::ctl
